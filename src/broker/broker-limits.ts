import { levelCount } from '../topic/level-count.js';

/** The bounds of a broker. `Infinity` lifts one. Anything above a bound is refused or dropped, and counted. */
export interface BrokerLimits {
  /** Concurrent connections, including those that have not sent CONNECT. Default 50 000. */
  readonly connections: number;
  /**
   * Concurrent connections of one IPv4 address, or of one IPv6 network of 64 bits. Default: `ownerShare` of
   * `connections` alone, since a proxy or a router has one address for all who are behind it. Connections without an
   * address (Unix sockets, `broker.transport`, a stream for which `serve()` is told none) have no share.
   */
  readonly connectionsPerAddress: number;
  /** CONNECT packets accepted per second; others are refused with 0x9F. Default 5000. */
  readonly connectRate: number;
  /**
   * ms from the accepted socket to the end of authentication, including TLS and the WebSocket upgrade. A CONNECT that
   * is still undecided is then refused with 0x88. Default 10 000.
   */
  readonly connectTimeout: number;
  /** ms that a hook may take to answer. After that its client is refused for now. Default 10 000. */
  readonly hookTimeout: number;
  /** Bytes of the largest CONNECT, without the payload of its will. Default 64 KiB. */
  readonly connectSize: number;
  /** Bytes of the largest packet accepted from a client. Default 16 MiB. */
  readonly packetSize: number;
  /** QoS 1 and 2 messages in flight to one client; a client may ask for less. Default 1000. */
  readonly inFlight: number;
  /** QoS 1 and 2 messages in flight from one client (Receive Maximum). Default 1000. */
  readonly receiveMaximum: number;
  /** Topic aliases per connection, in each direction. Default 32; 0 turns them off. */
  readonly topicAliases: number;
  /** Messages queued for one session, connected or not. Default 100 000. */
  readonly queuedMessages: number;
  /**
   * Bytes (topic, payload and properties) of the messages queued for one session or in flight to it. Default 64 MiB.
   * A message that does not fit is dropped, and answered with 0x97 if no other subscriber took it.
   */
  readonly queuedBytes: number;
  /**
   * Bytes of the messages of all sessions together, and 200 for each message. A session may hold twice the free part,
   * so that others always have room. Default 512 MiB.
   */
  readonly totalQueuedBytes: number;
  /** QoS 0 messages queued for a slow client; the rest is dropped. Default 50 000. */
  readonly queuedQoS0: number;
  /** Sessions, connected or not. Default 100 000. */
  readonly sessions: number;
  /**
   * Bytes of all sessions beside their messages: client identifiers, wills, subscriptions and open QoS 2 exchanges,
   * with their objects. A session counts 1 kB, and so does a subscription with a wildcard and five levels. A CONNECT
   * and a filter that find no room are refused with 0x97. Default 512 MiB.
   */
  readonly sessionBytes: number;
  /**
   * The part of `connections` and `connectRate` that one address may take, and of `sessions`, `sessionBytes`,
   * `retainedMessages` and `retainedBytes` that one user may take (one certificate or address, for clients without a
   * user name). Besides, the last tenth of each is reserved for users that have taken less than a hundredth. Default
   * 0.9; 1 lets one user take all but the reserve.
   */
  readonly ownerShare: number;
  /**
   * The longest session expiry in seconds; longer requests are reduced, and the client is told. Default 30 days;
   * `Infinity` is as clients request.
   */
  readonly sessionExpiry: number;
  /**
   * The longest keep-alive in seconds. MQTT 5 clients that request more, or none, are told so. Those of 3.1 and 3.1.1
   * cannot be told: they are closed when they are silent for one and a half times as long. Default: as clients request.
   */
  readonly keepalive: number;
  /** Subscriptions per session. Default 10 000. */
  readonly subscriptions: number;
  /**
   * Share names of the subscriptions of one session. Filters that overlap bring a message once, but each share name
   * brings a copy of its own. Default 100.
   */
  readonly shareNames: number;
  /** Topic filters of one SUBSCRIBE or UNSUBSCRIBE. Default 1000. */
  readonly filters: number;
  /** Retained messages. Default 100 000. */
  readonly retainedMessages: number;
  /**
   * Bytes (topic, payload and properties) of all retained messages, and 230 for each level of a topic behind the
   * eighth. Default 256 MiB.
   */
  readonly retainedBytes: number;
  /** Levels of a topic or a filter. Default 200. */
  readonly topicLevels: number;
  /**
   * Characters (UTF-16 units) of a topic, a response topic, a filter, a client identifier or a user name. Default 16 000: strings of more
   * than 16 383 have no hash in V8 but their length, so that each look-up would compare one with all others of that
   * length.
   */
  readonly nameLength: number;
}

export const DEFAULT_LIMITS: BrokerLimits = {
  connections: 50_000,
  connectionsPerAddress: Infinity,
  connectRate: 5000,
  connectTimeout: 10_000,
  hookTimeout: 10_000,
  connectSize: 64 * 1024,
  packetSize: 16 * 1024 * 1024,
  inFlight: 1000,
  receiveMaximum: 1000,
  topicAliases: 32,
  queuedMessages: 100_000,
  queuedBytes: 64 * 1024 * 1024,
  totalQueuedBytes: 512 * 1024 * 1024,
  queuedQoS0: 50_000,
  sessions: 100_000,
  sessionBytes: 512 * 1024 * 1024,
  ownerShare: 0.9,
  sessionExpiry: 30 * 24 * 3600,
  keepalive: Infinity,
  subscriptions: 10_000,
  shareNames: 100,
  filters: 1000,
  retainedMessages: 100_000,
  retainedBytes: 256 * 1024 * 1024,
  topicLevels: 200,
  nameLength: 16_000,
};

/** Whether a topic or filter is longer, or has more levels, than the limits. */
export function isTooLong(topic: string, { topicLevels, nameLength }: BrokerLimits): boolean {
  return topic.length > nameLength || (topic.length >= topicLevels && levelCount(topic) > topicLevels);
}
