import { ErrorCode, MqttError } from '../errors.js';
import type { Store } from '../session/store.js';
import type { ServerTlsOptions } from '../transport/listen-options.js';
import type { EnhancedAuthenticator } from './access/enhanced-authentication.js';
import type { AuthorizerChain } from './access/hook-chain.js';
import type { AuthenticateRequest, PublishRequest, SubscribeRequest } from './access/requests.js';
import { DEFAULT_LIMITS, type BrokerLimits } from './broker-limits.js';
import type { ListenerOptions } from './connection/listeners.js';

export interface BrokerOptions {
  /**
   * Where to listen: `tcp://127.0.0.1:1883` (also `mqtt:`), `mqtts://0.0.0.0:8883` (also `tls:`, `ssl:`),
   * `ws://127.0.0.1:8083/mqtt`, `wss://…`, `unix:/run/mqtt.sock`. Port 0 takes a free one. Default: none, for a broker
   * that only its own process publishes to.
   */
  readonly listeners?: readonly (string | ListenerOptions)[];
  /** What the TLS listeners show and ask for. */
  readonly tls?: ServerTlsOptions;
  /**
   * Who may connect. One function or a chain, asked in turn until one decides; when none does, the answer is no (0x86).
   * Without the option everybody may.
   */
  readonly authenticate?: AuthorizerChain<AuthenticateRequest>;
  /**
   * Enhanced authentication of MQTT 5 by method, such as `SCRAM-SHA-256`. A client that names a method is asked step by
   * step, instead of by `authenticate`; a method that is not here is refused with 0x8C. Default: none.
   */
  readonly enhancedAuthentication?: Readonly<Record<string, EnhancedAuthenticator>>;
  /**
   * Who may publish what; as `authenticate`, with 0x87 for a plain no. Asked for each message, and for wills when they
   * are published. On 3.1 and 3.1.1, which have no word for it, a refused message is acknowledged and dropped.
   */
  readonly authorizePublish?: AuthorizerChain<PublishRequest>;
  /** Who may subscribe to what; as `authorizePublish`. Asked for each filter of SUBSCRIBE. */
  readonly authorizeSubscribe?: AuthorizerChain<SubscribeRequest>;
  readonly limits?: Partial<BrokerLimits>;
  /**
   * Keeps what outlives a connection beyond the process as well: sessions with an expiry interval, their subscriptions
   * and messages, and retained messages. What was acknowledged to a publisher is in the store before that. One store
   * for one broker at a time; whoever opened its database closes it, after the broker. Default: none.
   */
  readonly store?: Store;
  /** Given to MQTT 5 clients that ask for it, as the base of their response topics. Default: none. */
  readonly responseInformation?: string;
  /** Seconds between two publications of the `$SYS` topics. Default 10; 0 turns them off. */
  readonly sysInterval?: number;
}

const OPTIONS: Readonly<Record<keyof BrokerOptions, true>> = {
  listeners: true,
  tls: true,
  authenticate: true,
  enhancedAuthentication: true,
  authorizePublish: true,
  authorizeSubscribe: true,
  limits: true,
  store: true,
  responseInformation: true,
  sysInterval: true,
};

/**
 * Checks what can be checked before anything is opened.
 * @throws TypeError for an option that does not exist; MqttError for a limit that is not a number.
 */
export function checkOptions(options: BrokerOptions): void {
  for (const name of Object.keys(options)) {
    if (!(name in OPTIONS)) throw new TypeError(`createBroker failed: there is no option "${name}"`);
  }
  for (const [name, value] of Object.entries(options.limits ?? {})) {
    if (!(name in DEFAULT_LIMITS)) throw new TypeError(`createBroker failed: there is no limit "${name}"`);
    if (typeof value !== 'number' || !(value >= 0)) {
      throw new MqttError(`createBroker failed: the limit ${name} is not a number from 0 on`, {
        code: ErrorCode.INVALID_OPTION,
      });
    }
  }
}

/** The limits with what was left out, and within what the protocol can say. */
export function limitsOf({ limits }: BrokerOptions): BrokerLimits {
  const all = { ...DEFAULT_LIMITS, ...limits };
  return {
    ...all,
    packetSize: Math.min(all.packetSize, 268_435_460),
    inFlight: Math.max(1, Math.min(all.inFlight, 65535)),
    receiveMaximum: Math.max(1, Math.min(all.receiveMaximum, 65535)),
    topicAliases: Math.min(all.topicAliases, 65535),
  };
}
