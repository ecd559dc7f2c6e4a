import type { ObservableInput } from 'rxjs';
import type { BackoffOptions } from '../connection/backoff.js';
import type { ReconnectStrategy } from '../connection/reconnect.js';
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
import type { Overflow } from '../session/outbox.js';
import type { SessionLostPolicy } from '../session/sender.js';
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

/** What waits while it cannot be sent. */
export interface OfflineOptions {
  /** Messages that may wait. Default 10 000; 0: a publish that cannot be sent at once errors. `Infinity` is allowed. */
  readonly maxMessages?: number;
  /** Bytes (payloads and topics) that may wait. Default 64 MiB. `Infinity` is allowed. */
  readonly maxBytes?: number;
  /** What happens when a bound is reached. Default `'reject'`. */
  readonly overflow?: Overflow;
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
  /** What becomes of unacknowledged messages when the broker has lost the session. Default `'safe'`. */
  readonly onSessionLost?: SessionLostPolicy;
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
  /** Of DISCONNECT (MQTT 5). 0x04 asks the broker to publish the will. Default 0x00. */
  readonly reasonCode?: number;
  /** Seconds; replaces the session expiry of CONNECT (MQTT 5). */
  readonly sessionExpiry?: number;
}
