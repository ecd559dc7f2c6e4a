import type { ObservableInput } from 'rxjs';
import type { BackoffOptions } from '../connection/backoff.js';
import type { AuthSource } from '../connection/auth-mechanism.js';
import type { ReconnectStrategy } from '../connection/reconnect.js';
import type { RedirectOptions } from '../connection/redirect.js';
import type {
  ConnectProperties,
  ProtocolVersion,
  PublishProperties,
  QoS,
  SubscribeProperties,
  UnsubscribeProperties,
  UserProperties,
  WillProperties,
} from '../packet/packets.js';
import type { MqttError } from '../errors.js';
import type { SessionStore } from '../session/durable.js';
import type { Overflow } from '../session/outbox.js';
import type { Retention } from '../session/retention.js';
import type { SessionLostPolicy } from '../session/sender-options.js';
import type { StageTimeouts } from '../transport/stage-deadline.js';
import type { SocketOptions, TlsOptions, Transport, WebSocketOptions } from '../transport/transport.js';

/** What can be sent. A string goes out as UTF-8. Bytes are not copied: do not change them before the publish settles. */
export type Payload = string | Uint8Array | ArrayBuffer | DataView;

/** User properties as they may be given: pairs in order, or a record. */
export type UserPropertiesInput = UserProperties | Readonly<Record<string, string | readonly string[]>>;

/** Properties as they may be given: flags also as 0 and 1, user properties also as a record. */
export type PropertiesInput<P> = {
  readonly [K in keyof P]?: K extends 'userProperties'
    ? UserPropertiesInput
    : NonNullable<P[K]> extends boolean
      ? boolean | 0 | 1
      : P[K];
};

/** The message that the broker publishes when it loses this client without a DISCONNECT. */
export interface Will {
  readonly topic: string;
  /** Default: empty. */
  readonly payload?: Payload;
  /** Default 0. */
  readonly qos?: QoS;
  /** Default false. */
  readonly retain?: boolean;
  /** MQTT 5 only. `willDelayInterval` and `messageExpiryInterval` are in s. */
  readonly properties?: PropertiesInput<WillProperties>;
}

/** What may be different at each attempt to connect. */
export interface ConnectOverrides {
  readonly url?: string;
  readonly username?: string;
  readonly password?: string | Uint8Array;
  readonly will?: Will | undefined;
  readonly tls?: TlsOptions;
  readonly ws?: WebSocketOptions;
}

/** What `beforeConnect` is told of the attempt. */
export interface ConnectContext {
  /** Counts from 1 since the last connection. */
  readonly attempt: number;
  /** The URL that is about to be dialled. */
  readonly url: string;
}

/** ms that each stage of an attempt to connect may take. */
export interface ConnectTimeouts extends StageTimeouts {
  /** From CONNECT to CONNACK. */
  readonly connack?: number;
}

/** What waits while it cannot be sent. */
export interface OfflineOptions {
  /** Messages that may wait. Default 10 000; 0: a publish that cannot be sent at once errors. `Infinity` is allowed. */
  readonly maxMessages?: number;
  /** Bytes (payloads and topics) that may wait. Default 64 MiB. `Infinity` is allowed. */
  readonly maxBytes?: number;
  /** What happens when a bound is reached. Default `'reject'`. */
  readonly overflow?: Overflow;
  /** Whether QoS 0 waits while there is no connection; if not, it errors then. Default true. */
  readonly qos0?: boolean;
  /** Messages per second that leave the outbox once there is a connection, 1 000 000 at most. Default: no limit. */
  readonly rate?: number;
}

/**
 * How to reach a broker, and how to behave there. Names and units are MQTT.js's where it has the option.
 * An option that is not listed here is a `TypeError`.
 */
export interface ClientOptions {
  /** `mqtt tcp` (1883), `mqtts ssl tls` (8883), `ws` (80), `wss` (443), or `unix:/path/of.sock`. */
  readonly url?: string;
  /** Several brokers instead of `url`, tried in turn: the next one after each failure. */
  readonly servers?: readonly string[];
  /** With which of the `servers` to begin: the first, or any. Default `'first'`. */
  readonly startWith?: 'first' | 'random';
  /** Default: `rxmqtt` and 16 random characters. */
  readonly clientId?: string;
  readonly username?: string;
  readonly password?: string | Uint8Array;
  /** Begin with a fresh session at every connection. Default true. False needs `clientId`, and on MQTT 5 `sessionExpiry`. */
  readonly clean?: boolean;
  /** Seconds for which the broker keeps the session after the connection ended (MQTT 5); 0xFFFFFFFF: for ever. Default 0. */
  readonly sessionExpiry?: number;
  /** Seconds, 0 to 65535; 0 turns keep-alive off. Default 60. */
  readonly keepalive?: number;
  /** ms that PINGRESP may take; shorter than the keep-alive. Default: half of the keep-alive. */
  readonly pingTimeout?: number;
  /** ms from the start of an attempt to CONNACK. Default 30 000. */
  readonly connectTimeout?: number;
  /** ms for single stages of an attempt, besides `connectTimeout`, which bounds them all. */
  readonly timeouts?: ConnectTimeouts;
  /** 3 (MQTT 3.1), 4 (3.1.1), 5, or `'auto'`, the default: 5, and 4 at once when the broker refuses 5. */
  readonly protocolVersion?: ProtocolVersion | 'auto';
  readonly will?: Will;
  /** Properties of CONNECT (MQTT 5). `maximumPacketSize` (bytes, default 16 MiB) holds for every version. */
  readonly properties?: PropertiesInput<ConnectProperties>;
  readonly tls?: TlsOptions;
  readonly ws?: WebSocketOptions;
  /** Options of the TCP socket (Node). */
  readonly socket?: SocketOptions;
  /** Opens the connections instead of the transport that the URL names. */
  readonly transport?: Transport;
  /** Asked at each attempt, for what may have changed: a fresh token, a signed URL, another will. An error of it fails the attempt. */
  readonly beforeConnect?: (
    context: ConnectContext,
  ) => ConnectOverrides | undefined | ObservableInput<ConnectOverrides | undefined>;
  /** `false` never retries; options of the backoff; or a function that is given the stream of failures. */
  readonly reconnect?: false | BackoffOptions | ReconnectStrategy;
  /** Subscribe again when the broker has lost the session. Default true. */
  readonly resubscribe?: boolean;
  /** Filters that one SUBSCRIBE holds at most. Default: no limit. */
  readonly subscribeBatchSize?: number;
  readonly offline?: OfflineOptions;
  /**
   * Enhanced authentication (MQTT 5): a mechanism, such as `scramSha256()`, or a function that makes one for each
   * exchange. Default: none.
   */
  readonly auth?: AuthSource;
  /**
   * `'auto'`: topics that were sent before on a connection go out as a number, as far as the broker takes them (MQTT 5);
   * the topics used last keep theirs. Default `'off'`.
   */
  readonly topicAlias?: 'off' | 'auto';
  /**
   * Go to another server when the broker says so (MQTT 5, reason codes 0x9C and 0x9D with a server reference): for now,
   * or for good. Credentials only follow to hosts that the options name. Default false: a refusal like any other.
   */
  readonly followRedirect?: boolean | RedirectOptions;
  /** Send at the broker's maximum QoS what was published above it, instead of an error. Default false. */
  readonly downgradeQos?: boolean;
  /**
   * Refuse messages (0x99 in PUBACK or PUBREC) that call themselves UTF-8 by `payloadFormatIndicator` and are not; at
   * QoS 0, which has no answer, they are delivered. Default false: they are delivered as they are.
   */
  readonly validatePayloadFormat?: boolean;
  /** What becomes of unacknowledged messages when the broker has lost the session. Default `'safe'`. */
  readonly onSessionLost?: SessionLostPolicy;
  /** What outlives a lost connection, and what may be asked for while there is none. Default `'all'`. */
  readonly retention?: Retention;
  /**
   * Keeps messages beyond the process: what waits, what is unacknowledged, and which QoS 2 messages came in. Made by
   * `durable`: `store: durable(levelStore(database))`. Needs a `clientId`; to resume at the broker too, use it with
   * `clean: false`. Default: the memory of the process.
   */
  readonly store?: SessionStore;
  /**
   * ms that the broker may take to acknowledge a publish, a subscribe or an unsubscribe, counted from when it was sent.
   * Then its Observable errors with `TimeoutError`; the exchange itself goes on. Default: no limit.
   */
  readonly ackTimeout?: number;
  /**
   * ms for which a message at QoS 1 or 2 that nobody observes is held unacknowledged on a connection that resumed a
   * session, for an observer who may still come; then it is acknowledged and shown on `unrouted$`. Default 5000; 0: not
   * at all.
   */
  readonly unroutedGrace?: number;
  /** Which errors end the client instead of being retried; undefined leaves it to the default, `FATAL_REASON_CODES`. */
  readonly isFatal?: (error: MqttError) => boolean | undefined;
  /** Connect with the first subscription or publish, and disconnect `linger` ms after the last. Default false. */
  readonly lazy?: boolean;
  /** ms for which a lazy client stays connected without work. Default 1000. */
  readonly linger?: number;
}

export interface PublishOptions {
  /** Default 0. */
  readonly qos?: QoS;
  /** Default false. */
  readonly retain?: boolean;
  /** MQTT 5 only; on 3.1.1 they are left out. `messageExpiryInterval` is in s. */
  readonly properties?: PropertiesInput<PublishProperties>;
}

export interface SubscribeOptions {
  /** The highest QoS at which messages are wanted. Default 0. */
  readonly qos?: QoS;
  /** Do not send back what this client publishes itself (MQTT 5). Default false. */
  readonly noLocal?: boolean;
  /** Keep the retain flag as it was published (MQTT 5). Default false. */
  readonly retainAsPublished?: boolean;
  /** 0: send retained messages; 1: only if the subscription is new; 2: do not. Default 0. */
  readonly retainHandling?: 0 | 1 | 2;
  /** `'manual'`: a message at QoS 1 or 2 is acknowledged when its `ack()` is called. Default `'auto'`: once delivered. */
  readonly ack?: 'auto' | 'manual';
  /** ms for which the broker's subscription is kept after the last observer left. Default 0. */
  readonly linger?: number;
  /** MQTT 5 only. */
  readonly properties?: PropertiesInput<SubscribeProperties>;
}

export interface UnsubscribeOptions {
  /** MQTT 5 only. */
  readonly properties?: PropertiesInput<UnsubscribeProperties>;
}

export interface EndOptions {
  /** ms to wait for acknowledgements of what was published. Default 5000. */
  readonly timeout?: number;
  /** Do not wait: DISCONNECT at once. Default false. */
  readonly force?: boolean;
  /**
   * Of DISCONNECT: 0x00, or one of the codes that a client may send. 0x04 asks the broker to publish the will; on 3.1.1
   * every code but 0x00 closes the connection without DISCONNECT, to the same end. Default 0x00.
   */
  readonly reasonCode?: number;
  /** Seconds; replaces the session expiry of CONNECT (MQTT 5). Above 0 only where CONNECT had one above 0. */
  readonly sessionExpiry?: number;
}
