/** The bounds of a broker. `Infinity` lifts one; what does not fit is refused or dropped, and counted. */
export interface BrokerLimits {
  /** Connections at a time, those that have not sent CONNECT yet included. Default 50 000. */
  readonly connections: number;
  /** CONNECT packets a second that are accepted; the others are refused with 0x9F. Default 5000. */
  readonly connectRate: number;
  /** ms from the opening of a connection to the end of its authentication. Default 10 000. */
  readonly connectTimeout: number;
  /** Bytes of the largest packet that is taken from a client. Default 16 MiB. */
  readonly packetSize: number;
  /** QoS 1 and 2 messages that are on their way to one client at a time; a client may ask for less. Default 1000. */
  readonly inFlight: number;
  /** QoS 1 and 2 messages that one client may have open towards the broker (Receive Maximum). Default 1000. */
  readonly receiveMaximum: number;
  /** Topic aliases that a client may bind on a connection, and that the broker binds at most. Default 32; 0 takes none. */
  readonly topicAliases: number;
  /** Messages that wait for one session, connected or not. Default 100 000. */
  readonly queuedMessages: number;
  /** Bytes (payload and topic) of the messages that wait for one session. Default 64 MiB. */
  readonly queuedBytes: number;
  /** Bytes (payload and topic) of the messages that wait for all sessions together. Default 512 MiB. */
  readonly totalQueuedBytes: number;
  /** QoS 0 messages among those that wait for a slow client; what exceeds them is dropped. Default 50 000. */
  readonly queuedQoS0: number;
  /** Sessions, connected or not. Default 100 000. */
  readonly sessions: number;
  /** Seconds that a session may outlive its connection; longer wishes are cut. Default: as long as clients ask for. */
  readonly sessionExpiry: number;
  /** Seconds of keep-alive at most; clients that ask for more, or for none, are told so. Default: as clients ask. */
  readonly keepalive: number;
  /** Subscriptions of one session. Default 10 000. */
  readonly subscriptions: number;
  /** Retained messages. Default 100 000. */
  readonly retainedMessages: number;
  /** Bytes (payload and topic) of all retained messages. Default 256 MiB. */
  readonly retainedBytes: number;
  /** Levels of a topic or a filter. Default 200. */
  readonly topicLevels: number;
}

export const DEFAULT_LIMITS: BrokerLimits = {
  connections: 50_000,
  connectRate: 5000,
  connectTimeout: 10_000,
  packetSize: 16 * 1024 * 1024,
  inFlight: 1000,
  receiveMaximum: 1000,
  topicAliases: 32,
  queuedMessages: 100_000,
  queuedBytes: 64 * 1024 * 1024,
  totalQueuedBytes: 512 * 1024 * 1024,
  queuedQoS0: 50_000,
  sessions: 100_000,
  sessionExpiry: Infinity,
  keepalive: Infinity,
  subscriptions: 10_000,
  retainedMessages: 100_000,
  retainedBytes: 256 * 1024 * 1024,
  topicLevels: 200,
};

/** Whether a topic or a filter has more levels than are taken. */
export function hasTooManyLevels(topic: string, limit: number): boolean {
  if (topic.length < limit) return false;
  let levels = 1;
  for (let at = topic.indexOf('/'); at >= 0; at = topic.indexOf('/', at + 1)) if (++levels > limit) return true;
  return false;
}
