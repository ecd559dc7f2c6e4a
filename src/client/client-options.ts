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
import type { PublishLimits } from '../session/publish-limits.js';
import type { Retention } from '../session/retention.js';
import type { SessionLostPolicy } from '../session/sender-options.js';
import type { StageTimeouts } from '../transport/stage-deadline.js';
import type { SocketOptions, TlsOptions, Transport, WebSocketOptions } from '../transport/transport.js';
import type { Log } from './client-log.js';

/**
 * A payload to send. A string is sent as UTF-8. Bytes are not copied: do not change them before the publish settles,
 * and at QoS 0, which settles before the socket has written them, not at all.
 */
export type Payload = string | Uint8Array | ArrayBuffer | DataView;

/** User properties: pairs in order, or a record. */
export type UserPropertiesInput = UserProperties | Readonly<Record<string, string | readonly string[]>>;

/** Properties as options take them: flags also as 0 and 1, user properties also as a record. */
export type PropertiesInput<P> = {
  readonly [K in keyof P]?: K extends 'userProperties'
    ? UserPropertiesInput
    : NonNullable<P[K]> extends boolean
      ? boolean | 0 | 1
      : P[K];
};

/** The message that the broker publishes when the connection ends without a DISCONNECT [MQTT-3.1.2-8]. */
export interface Will {
  /** The topic name that the will is published to. */
  readonly topic: string;
  /** Default: empty. */
  readonly payload?: Payload;
  /** Default 0. */
  readonly qos?: QoS;
  /** Default false. */
  readonly retain?: boolean;
  /** Properties of the will (MQTT 5). `willDelayInterval` and `messageExpiryInterval` are in s. */
  readonly properties?: PropertiesInput<WillProperties>;
}

/** Values that `beforeConnect` replaces for one attempt. */
export interface ConnectOverrides {
  /** The broker to dial in this attempt. */
  readonly url?: string;
  /** The user name of this attempt. */
  readonly username?: string;
  /** The password of this attempt. */
  readonly password?: string | Uint8Array;
  /** The will of this attempt; `undefined` leaves it out. */
  readonly will?: Will | undefined;
  /** The TLS options of this attempt. */
  readonly tls?: TlsOptions;
  /** The WebSocket options of this attempt. */
  readonly ws?: WebSocketOptions;
  /** Whether this attempt starts a fresh session. */
  readonly clean?: boolean;
  /** The client identifier of this attempt. With a `store`, it must stay the same. */
  readonly clientId?: string;
  /** The keep-alive period of this attempt, in s. */
  readonly keepalive?: number;
  /** The session expiry of this attempt, in s (MQTT 5). */
  readonly sessionExpiry?: number;
  /**
   * The properties of this attempt's CONNECT (MQTT 5). Receive Maximum, Maximum Packet Size and Topic Alias Maximum
   * stay those of the client.
   */
  readonly properties?: PropertiesInput<ConnectProperties>;
}

/** The attempt that `beforeConnect` is called for. */
export interface ConnectContext {
  /** Counts from 1 since the last connection. */
  readonly attempt: number;
  /** The URL that is about to be dialled, without credentials. */
  readonly url: string;
}

/** How long each stage of an attempt may take, in ms. */
export interface ConnectTimeouts extends StageTimeouts {
  /** From CONNECT to CONNACK, in ms. */
  readonly connack?: number;
}

/** The queue of messages that cannot be sent yet (the outbox). */
export interface OfflineOptions {
  /**
   * The most messages that may wait. Default 10 000. 0: a publish that cannot be sent at once errors. `Infinity`: no
   * bound.
   */
  readonly maxMessages?: number;
  /** The most bytes (payloads and topics) that may wait. Default 64 MiB. `Infinity`: no bound. */
  readonly maxBytes?: number;
  /** What to do when a bound is reached. Default `'reject'`. */
  readonly overflow?: Overflow;
  /** Whether QoS 0 messages wait while there is no connection; if not, they error. Default true. */
  readonly qos0?: boolean;
  /** How many messages leave the queue per second once there is a connection, up to 1 000 000. Default: no limit. */
  readonly rate?: number;
}

/** Bounds that a client observes by itself, because its broker disconnects instead of announcing them. */
export interface ClientLimits extends PublishLimits {
  /** The keep-alive periods that the broker accepts, in s. Any other `keepalive` is a `TypeError`. */
  readonly keepalive?: { readonly min: number; readonly max: number };
}

/**
 * How to reach a broker and how to behave there. Names and units follow MQTT.js where it has the option. An unknown
 * option is a `TypeError` that names it.
 */
export interface ClientOptions {
  /**
   * The broker: `mqtt://` or `tcp://` (port 1883), `mqtts://`, `ssl://` or `tls://` (8883), `ws://` (80), `wss://`
   * (443), `unix:/path/of.sock`, `ws+unix:/path/of.sock:/mqtt`, or a service of DNS (RFC 2782):
   * `mqtt+srv://example.org` (the SRV records of `_mqtt._tcp.example.org`) and `mqtts+srv://` (`_secure-mqtt._tcp`). In
   * browsers `ws://`, `wss://`, or a path relative to the page. A user name and a password in it are used for MQTT.
   */
  readonly url?: string;
  /**
   * Several brokers instead of `url`: the client moves to the next one after each failure, and without a delay when a
   * server cannot be reached, until it has dialled each of them. A service of DNS stands for its servers, which are
   * looked up again for each round of attempts.
   */
  readonly servers?: readonly string[];
  /**
   * Which of `servers` to prefer: the first, a random one, or with `'sticky'` the one that belongs to the client
   * identifier. `'sticky'` spreads clients over all servers; when a server is added or removed, only the clients that
   * belong to it move. Default `'first'`.
   */
  readonly startWith?: 'first' | 'random' | 'sticky';
  /**
   * How long to stay with a server that is not the preferred one, in ms. Then the client tries to reach the preferred
   * one. When that accepts a connection, the client waits up to 5 s for outstanding acknowledgements and moves.
   * Otherwise it tries again after the same time; each failed move doubles it. With `jitter` (see `reconnect`) the time
   * is up to 50 % longer, so that clients do not all return at once. The client stays with a server that the broker
   * redirected it to. Default: stay.
   */
  readonly returnAfter?: number;
  /** The name under which the broker keeps the session. Default: `rxmqtt` and 16 random characters. */
  readonly clientId?: string;
  /** The user name in CONNECT. Default: the one in the URL, or none. */
  readonly username?: string;
  /** The password in CONNECT. Default: the one in the URL, or none. */
  readonly password?: string | Uint8Array;
  /**
   * Start a fresh session with every connection. Default true. `false` resumes the session; it needs `clientId`, and
   * `sessionExpiry` on MQTT 5.
   */
  readonly clean?: boolean;
  /** How long the broker keeps the session after the connection ends, in s (MQTT 5). 0xFFFFFFFF: forever. Default 0. */
  readonly sessionExpiry?: number;
  /** The keep-alive period, 0 to 65535 s. 0 turns keep-alive off. Default 60. */
  readonly keepalive?: number;
  /** How long to wait for PINGRESP, in ms; less than `keepalive`. Default: half of `keepalive`. */
  readonly pingTimeout?: number;
  /** How long an attempt may take, from its start to CONNACK, in ms. Default 30 000. */
  readonly connectTimeout?: number;
  /** How long single stages of an attempt may take, in ms. `connectTimeout` bounds all of them together. */
  readonly timeouts?: ConnectTimeouts;
  /**
   * 5, 4 (MQTT 3.1.1), 3 (MQTT 3.1), or `'auto'`: 5; 4 at once when the broker refuses 5, and at the next attempt when
   * the line ends before CONNACK, MQTT 5 has never worked there, and there is no `auth`. Default `'auto'`.
   */
  readonly protocolVersion?: ProtocolVersion | 'auto';
  /** The message that the broker publishes when this client disappears. Default: none. */
  readonly will?: Will;
  /**
   * Properties of CONNECT (MQTT 5). `maximumPacketSize` (bytes, default 16 MiB) bounds incoming packets on every
   * version.
   */
  readonly properties?: PropertiesInput<ConnectProperties>;
  /** TLS options for `mqtts://` and `wss://`, as in `node:tls` (Node). */
  readonly tls?: TlsOptions;
  /** WebSocket options for `ws://` and `wss://`. */
  readonly ws?: WebSocketOptions;
  /** Options of the TCP socket (Node). */
  readonly socket?: SocketOptions;
  /**
   * Reaches the broker through a proxy (Node): `http://user:password@host:3128` or `https://…` (CONNECT), or
   * `socks5://user:password@host:1080`, which needs the package `socks`. The proxy looks up the broker's name. `'env'`
   * reads the environment: `HTTPS_PROXY` for tls and wss, `HTTP_PROXY` for tcp and ws, else `ALL_PROXY`, and no proxy
   * for the hosts of `NO_PROXY`. Unix sockets are dialled directly. Browsers use the proxy of the system. Default:
   * none.
   */
  readonly proxy?: string;
  /** Opens the connections instead of the transport that belongs to the URL's scheme. */
  readonly transport?: Transport;
  /**
   * Called before each attempt for values that may have changed: a fresh token, a signed URL, another will. It may
   * return a value, a promise or an Observable. When it fails, the attempt fails.
   */
  readonly beforeConnect?: (
    context: ConnectContext,
  ) => ConnectOverrides | undefined | ObservableInput<ConnectOverrides | undefined>;
  /**
   * How to reconnect: backoff options, `false` to give up at the first failure, or a function from the stream of
   * failures to a stream that emits once for each further attempt. Default: backoff with its defaults.
   */
  readonly reconnect?: false | BackoffOptions | ReconnectStrategy;
  /** Subscribe again when the broker has lost the session. Default true. */
  readonly resubscribe?: boolean;
  /**
   * The most filters in one SUBSCRIBE, and in one UNSUBSCRIBE of filters that lost their observers; brokers have
   * limits, too. Default 250.
   */
  readonly subscribeBatchSize?: number;
  /**
   * QoS and retain of publishes that do not set them, for all topics or by topic filter. Default: QoS 0, not retained.
   */
  readonly defaults?: PublishDefaults;
  /**
   * Bounds of every publish, in addition to the broker's announced limits; also on 3.1.1, where a broker announces
   * none. Default: none.
   */
  readonly limits?: ClientLimits;
  /** Bounds and policy of the queue of messages that cannot be sent yet. */
  readonly offline?: OfflineOptions;
  /**
   * Enhanced authentication (MQTT 5): a mechanism such as `scramSha256()`, or a function that makes one for each
   * exchange. Default: none.
   */
  readonly auth?: AuthSource;
  /**
   * `'auto'` sends a topic alias instead of a topic that was sent before on this connection, within the broker's
   * Topic Alias Maximum (MQTT 5). The most recently used topics keep their aliases. Default `'off'`.
   */
  readonly topicAlias?: 'off' | 'auto';
  /**
   * Follow the broker to another server (MQTT 5, reason codes 0x9C and 0x9D with a server reference). Credentials and
   * the will are sent only to a host and port that the options name, unless `credentials` says otherwise. When no
   * server that the broker names can be used, the configured ones are tried again. Default false: a redirect is a
   * failure like any other.
   */
  readonly followRedirect?: boolean | RedirectOptions;
  /** Lower the QoS of a publish to the broker's maximum QoS instead of failing it. Default false. */
  readonly downgradeQos?: boolean;
  /**
   * Refuse incoming messages (0x99 in PUBACK or PUBREC) whose `payloadFormatIndicator` claims UTF-8 although the
   * payload is not. At QoS 0, which has no answer, they are delivered. Default false: they are delivered unchanged.
   */
  readonly validatePayloadFormat?: boolean;
  /** What to do with unacknowledged messages when the broker has lost the session. Default `'safe'`. */
  readonly onSessionLost?: SessionLostPolicy;
  /** What survives a lost connection and may be requested while there is none. Default `'all'`. */
  readonly retention?: Retention;
  /**
   * Keeps messages beyond the process: queued messages, unacknowledged messages, and the identifiers of incoming QoS 2
   * messages. Made by `durable`: `store: durable(levelStore(database))`. Needs a `clientId`; to resume at the broker
   * too, combine it with `clean: false`. Default: none, so everything is lost with the process.
   */
  readonly store?: SessionStore;
  /**
   * How long the broker may take to acknowledge a publish, a subscribe or an unsubscribe, in ms from when it was sent.
   * Then its Observable errors with `TimeoutError`; the exchange itself goes on. Default: no limit.
   */
  readonly ackTimeout?: number;
  /**
   * After a session was resumed: how long a QoS 1 or 2 message without an observer waits for one to subscribe, in ms.
   * Then it is acknowledged and emitted on `unrouted$`. 0 does not hold it. Default 5000.
   */
  readonly unroutedGrace?: number;
  /**
   * Which errors end the client instead of being retried. `undefined` leaves the decision to the client, which ends
   * when the next attempt cannot differ; see `docs/reconnecting.md` and `FATAL_REASON_CODES`.
   */
  readonly isFatal?: (error: MqttError) => boolean | undefined;
  /**
   * Finds a message or a topic filter over which the broker repeatedly ends the connection, by sending it alone on
   * connections that survived without it. Then its Observable errors, and everything else continues. `false` turns this
   * guard off. Default true.
   */
  readonly quarantine?: boolean;
  /**
   * Where to log the life of the connection, without secrets: `console`, or functions for the levels that matter.
   * `false`: nowhere. Default: one `console.warn` at the first attempt that fails while neither `state$` nor
   * `connected$` is observed.
   */
  readonly log?: false | Log;
  /** Connect with the first subscription or publish, and disconnect `linger` ms after the last. Default false. */
  readonly lazy?: boolean;
  /** How long a lazy client stays connected without work, in ms. Default 1000. */
  readonly linger?: number;
}

/** Defaults of publishes. */
export interface PublishDefaults {
  /** Default 0. */
  readonly qos?: QoS;
  /** Default false. */
  readonly retain?: boolean;
  /** Defaults by topic filter; the first that matches a topic counts. */
  readonly topics?: Readonly<Record<string, { readonly qos?: QoS; readonly retain?: boolean }>>;
}

/** Options of `publish()`. */
export interface PublishOptions {
  /** 0: at most once; 1: at least once; 2: exactly once. Default 0. */
  readonly qos?: QoS;
  /** Whether the broker keeps the message for later subscribers. Default false. */
  readonly retain?: boolean;
  /** How long the acknowledgement may take, in ms from when it was sent. Default: `ackTimeout` of the client. */
  readonly ackTimeout?: number;
  /** Properties of PUBLISH (MQTT 5); left out on 3.1.1. `messageExpiryInterval` is in s. */
  readonly properties?: PropertiesInput<PublishProperties>;
}

/** Options of `subscribe()`. */
export interface SubscribeOptions {
  /** The maximum QoS of messages. The highest of a filter's observers is requested. Default 0. */
  readonly qos?: QoS;
  /**
   * Do not receive this client's own messages (MQTT 5). Default false. With `protocolVersion` 3 or 4 it is a
   * `SubscribeError` of code `NOT_SUPPORTED`. With `'auto'` and a broker that speaks only 3.1.1, the client subscribes
   * without it, and `faults$` emits that error: messages of its own come back.
   */
  readonly noLocal?: boolean;
  /** Keep the retain flag as it was published (MQTT 5; on 3.1.1 as with `noLocal`). Default false. */
  readonly retainAsPublished?: boolean;
  /** 0: receive retained messages; 1: only if the subscription is new; 2: do not (MQTT 5). Default 0. */
  readonly retainHandling?: 0 | 1 | 2;
  /**
   * `'auto'` acknowledges a QoS 1 or 2 message once it is delivered; `'manual'` waits for its `ack()`. If the observer
   * leaves first, the broker sends the message again on the next connection of the session; until then it takes a place
   * in the receive window (MQTT 5). Browsers cannot stop reading, so held messages at QoS 0 have no bound there.
   * Default `'auto'`.
   */
  readonly ack?: 'auto' | 'manual';
  /** How long the broker's subscription is kept after the last observer left, in ms. Default 0. */
  readonly linger?: number;
  /** How long SUBACK may take, in ms from when SUBSCRIBE was sent. Default: `ackTimeout` of the client. */
  readonly ackTimeout?: number;
  /** Properties of SUBSCRIBE (MQTT 5). */
  readonly properties?: PropertiesInput<SubscribeProperties>;
}

/** Options of one filter in a record of filters. */
export type FilterOptions = Pick<SubscribeOptions, 'qos' | 'noLocal' | 'retainAsPublished' | 'retainHandling'>;

/** Filters, each with its QoS or its options. */
export type FilterRecord = Readonly<Record<string, QoS | FilterOptions>>;

/** Options of `reconnect()`. */
export interface ReconnectOptions {
  /** The flag `clean` of the next connection. Default: that of the client. */
  readonly clean?: boolean;
}

/** Options of `unsubscribe()`. */
export interface UnsubscribeOptions {
  /** Properties of UNSUBSCRIBE (MQTT 5). */
  readonly properties?: PropertiesInput<UnsubscribeProperties>;
}

/** Options of `end()`. */
export interface EndOptions {
  /** How long to wait for outstanding acknowledgements, in ms. Default 5000. */
  readonly timeout?: number;
  /** Send DISCONNECT at once, without waiting. Default false. */
  readonly force?: boolean;
  /**
   * The reason code of DISCONNECT: 0x00, or another one that a client may send. 0x04 asks the broker to publish the
   * will. On 3.1.1 every code but 0x00 closes the connection without DISCONNECT, with the same effect. Default 0x00.
   */
  readonly reasonCode?: number;
  /** Replaces the session expiry of CONNECT, in s (MQTT 5). It can be above 0 only if CONNECT's was. */
  readonly sessionExpiry?: number;
}
