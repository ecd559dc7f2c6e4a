/** A broker's counters since it started. Every drop is counted by one of them. */
export interface BrokerCounters {
  /** Connections that a listener accepted. */
  connections: number;
  /** Refused CONNECT packets, and connections closed because there were too many. */
  refused: number;
  /** Connections ended for a protocol error. */
  protocolErrors: number;
  /** PUBLISH packets received, including repeated ones. */
  published: number;
  /** PUBLISH packets sent. */
  delivered: number;
  /** Messages that an authorizer or an interceptor refused. */
  unauthorized: number;
  /** Messages that `authorizeDelivery`, an interceptor or a mount point kept from a client. */
  undelivered: number;
  /** Hooks and interceptors that threw, gave no valid answer, or took too long. */
  failedHooks: number;
  /** QoS 0 messages dropped for a slow client, or for a session without a connection. */
  droppedQoS0: number;
  /** QoS 1 and 2 messages dropped because the queue of their session was full. */
  droppedQueueFull: number;
  /** QoS 1 and 2 messages dropped because the queues of all sessions together were full. */
  droppedTotalFull: number;
  /** Messages larger than the client's maximum packet size [MQTT-3.1.2-25]. */
  droppedTooLarge: number;
  /** Messages that expired before they could be sent [MQTT-3.3.2-5]. */
  droppedExpired: number;
  /** Retained messages that were not kept because there were too many. */
  droppedRetained: number;
  /** Clients disconnected with 0x97 because they did not take the messages that they subscribed to. */
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
    undelivered: 0,
    failedHooks: 0,
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
