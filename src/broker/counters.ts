/** What a broker has counted since it started. Everything that is dropped is counted somewhere here. */
export interface BrokerCounters {
  /** Connections that were accepted by a listener. */
  connections: number;
  /** CONNECT packets that were refused, and connections that were closed because there were too many. */
  refused: number;
  /** Connections that were ended for breaking the protocol. */
  protocolErrors: number;
  /** PUBLISH packets that came in, repeated ones included. */
  published: number;
  /** PUBLISH packets that went out. */
  delivered: number;
  /** Messages that no authorizer let pass. */
  unauthorized: number;
  /** QoS 0 messages that were dropped because a client was too slow, or queued for nobody. */
  droppedQoS0: number;
  /** QoS 1 and 2 messages that found the queue of their session full. */
  droppedQueueFull: number;
  /** QoS 1 and 2 messages for which their session had room, and all sessions together had none. */
  droppedTotalFull: number;
  /** Messages that were larger than the maximum packet size of the client [MQTT-3.1.2-25]. */
  droppedTooLarge: number;
  /** Messages whose expiry interval ran out before they could be sent [MQTT-3.3.2-5]. */
  droppedExpired: number;
  /** Retained messages that were not kept because there were too many. */
  droppedRetained: number;
  /** Clients that were disconnected with 0x97 because they did not take what they had subscribed to. */
  slowConsumers: number;
  /** Sessions that expired. */
  expiredSessions: number;
}

export function newCounters(): BrokerCounters {
  return {
    connections: 0,
    refused: 0,
    protocolErrors: 0,
    published: 0,
    delivered: 0,
    unauthorized: 0,
    droppedQoS0: 0,
    droppedQueueFull: 0,
    droppedTotalFull: 0,
    droppedTooLarge: 0,
    droppedExpired: 0,
    droppedRetained: 0,
    slowConsumers: 0,
    expiredSessions: 0,
  };
}
