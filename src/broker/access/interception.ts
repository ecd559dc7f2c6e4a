import type { ConnectProperties, QoS, RetainHandling, WillProperties } from '../../packet/packets.js';
import type { PublishProperties } from '../../packet/property-types.js';
import type { HookResult } from './ask-hook.js';
import type { ConnectedClient } from './connected-client.js';
import type { HookContext } from './hook-call.js';
import type { DeliveryRequest, PublishRequest, SubscribeRequest } from './requests.js';

/** The will of a client, as an interceptor sees it. */
export interface InterceptedWill {
  /** Where it is published. */
  readonly topic: string;
  /** Its payload. */
  readonly payload: Uint8Array;
  /** Its QoS. */
  readonly qos: QoS;
  /** Whether the broker is to keep it for later subscribers. */
  readonly retain: boolean;
  /** Its properties (MQTT 5), with the delay; undefined without any. */
  readonly properties?: WillProperties | undefined;
}

/** A CONNECT that `authenticate` has let in. */
export interface ConnectInterception {
  /** Who connects, after `authenticate`. */
  readonly client: ConnectedClient;
  /** Its client identifier, after `authenticate`. */
  readonly clientId: string;
  /** It asks for a new session. */
  readonly clean: boolean;
  /** Seconds; 0 when it is off. */
  readonly keepalive: number;
  /** Seconds that the session is to outlive the connection; `Infinity` for ever. */
  readonly sessionExpiry: number;
  /** Its will; undefined without one. */
  readonly will: InterceptedWill | undefined;
  /** The properties of CONNECT (MQTT 5). */
  readonly properties: ConnectProperties | undefined;
}

/** A filter of SUBSCRIBE with its options. */
export interface SubscribeInterception extends SubscribeRequest {
  /** It does not want its own messages [MQTT-3.8.3-3]. On MQTT 3 only a bridge can ask for it. */
  readonly noLocal: boolean;
  /** It wants the RETAIN flag as it was published. On MQTT 3 only a bridge can ask for it. */
  readonly retainAsPublished: boolean;
  /** Which retained messages it wants: 0 all, 1 with a new subscription, 2 none; 0 on MQTT 3. */
  readonly retainHandling: RetainHandling;
}

/** Changes to a CONNECT. A field that is left out stays as it is; other fields of the request are ignored. */
export interface ConnectChange {
  /** Whether it gets a new session. */
  readonly clean?: boolean | undefined;
  /** Seconds, from 0 to 65535. The limits of the broker still hold. */
  readonly keepalive?: number | undefined;
  /** Seconds. The limits of the broker still hold. */
  readonly sessionExpiry?: number | undefined;
  /** Another will, or `false` for none. */
  readonly will?: WillChange | false | undefined;
}

/** A will in the place of that of CONNECT. */
export interface WillChange {
  /** Where it is published. */
  readonly topic: string;
  /** Default: empty. */
  readonly payload?: string | Uint8Array | undefined;
  /** Default 0. */
  readonly qos?: QoS | undefined;
  /** Default false. */
  readonly retain?: boolean | undefined;
  /** Its properties (MQTT 5). Default: none. */
  readonly properties?: WillProperties | undefined;
}

/** Changes to a message. A field that is left out stays as it is; other fields of the request are ignored. */
export interface PublishChange {
  /** Another topic. */
  readonly topic?: string | undefined;
  /** Another payload: a text, which is sent as UTF-8, or bytes. */
  readonly payload?: string | Uint8Array | undefined;
  /** Another QoS, higher or lower. */
  readonly qos?: QoS | undefined;
  /** Whether the broker keeps it for later subscribers. */
  readonly retain?: boolean | undefined;
  /** Replaces all properties; `{}` removes them. */
  readonly properties?: PublishProperties | undefined;
}

/** Changes to a message for one client. By then, its QoS is fixed. */
export type DeliveryChange = Omit<PublishChange, 'qos'>;

/**
 * Changes to one filter of SUBSCRIBE. A field that is left out stays as it is; other fields of the request are ignored.
 */
export interface SubscribeChange {
  /** With `$share/<group>/` for a shared subscription. UNSUBSCRIBE still takes the filter that the client knows. */
  readonly filter?: string | undefined;
  /** The QoS to grant at most. */
  readonly qos?: QoS | undefined;
  /** Whether it no longer receives its own messages. */
  readonly noLocal?: boolean | undefined;
  /** Whether it gets the RETAIN flag as it was published. */
  readonly retainAsPublished?: boolean | undefined;
  /** Which retained messages it gets: 0 all, 1 with a new subscription, 2 none. */
  readonly retainHandling?: RetainHandling | undefined;
}

/** A refusal: a reason code of 0x80 or above, or `false` for 0x87. */
export type Refusal = number | false;

/** What an interceptor answers: a change, a refusal, or nothing. */
export type Intercepted<Change> = Change | Refusal | undefined | void;

/**
 * Sees what clients do, after `authenticate` and before the authorizers, and may change or refuse it. All topics are
 * the broker's, with the mount point of the client. An answer is checked as if the client had sent it. An answer that
 * the client could not have sent, an exception and a time-out refuse the request, and `faults$` emits the reason.
 */
export interface Interceptor {
  /** A client connects. A refusal is the reason code of CONNACK; a failure is 0x88. */
  readonly connect?: (request: ConnectInterception, context: HookContext) => HookResult<Intercepted<ConnectChange>>;
  /** A client publishes, or its will is published. A refusal is that of `authorizePublish`; a failure is 0x83. */
  readonly publish?: (request: PublishRequest, context: HookContext) => HookResult<Intercepted<PublishChange>>;
  /** One filter of a SUBSCRIBE. A refusal is the code in SUBACK; a failure is 0x83. */
  readonly subscribe?: (
    request: SubscribeInterception,
    context: HookContext,
  ) => HookResult<Intercepted<SubscribeChange>>;
  /**
   * A message leaves for one client. Also called for retained messages, for the broker's own, and for each resend. Must
   * answer at once, because messages fan out; costs time for every delivery. A refused message is dropped and counted.
   */
  readonly deliver?: (request: DeliveryRequest) => Intercepted<DeliveryChange>;
}
