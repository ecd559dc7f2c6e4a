import { ErrorCode, MqttError } from '../errors.js';
import {
  callback,
  type Check,
  checkOptions,
  type Checks,
  list,
  numberIn,
  object,
  or,
  record,
  shown,
  text,
  that,
  wrong,
} from '../options/check-options.js';
import { isStore, type Store } from '../session/store.js';
import { serverTls } from '../transport/check-tls.js';
import type { ServerTlsOptions } from '../transport/server-tls-options.js';
import type { EnhancedAuthenticator } from './access/enhanced-authentication.js';
import type { AuthorizerChain } from './access/hook-chain.js';
import type {
  AuthenticateAnswer,
  AuthenticateRequest,
  DeliveryRequest,
  PublishRequest,
  SubscribeRequest,
} from './access/requests.js';
import { DEFAULT_LIMITS, type BrokerLimits } from './broker-limits.js';
import { POLICY_CHECKS } from './connection/listener-policy.js';
import type { ListenerOptions } from './connection/listeners.js';

/** Options of `createBroker`. */
export interface BrokerOptions {
  /**
   * Where to listen: `tcp://127.0.0.1:1883` (also `mqtt:`), `mqtts://0.0.0.0:8883` (also `tls:`, `ssl:`),
   * `ws://127.0.0.1:8083/mqtt`, `wss://…`, `unix:/run/mqtt.sock`. Port 0 takes a free one. Default: none; then only the
   * broker's own process publishes.
   */
  readonly listeners?: readonly (string | ListenerOptions)[];
  /** Certificates and checks of the TLS listeners. */
  readonly tls?: ServerTlsOptions;
  /**
   * Which pages may connect to the WebSocket listeners, beside those of the listener's own host name (on any port; the
   * names and addresses of loopback count as one): `https://app.example`, or `'*'` for all. What sends no `Origin` is
   * no page, and passes. Default: none.
   */
  readonly origins?: readonly string[];
  /**
   * Who may connect: one function, or a chain that is asked in turn until one decides, or answers who the client is
   * ({@link ClientPrincipal}), which is a yes. When none does, the answer is no (0x86). One that throws or rejects has
   * decided nothing: the client is told to come again (0x88, on 3.1.1 3). Without this option every client may connect.
   */
  readonly authenticate?: AuthorizerChain<AuthenticateRequest, AuthenticateAnswer>;
  /**
   * Enhanced authentication of MQTT 5 by method, such as `SCRAM-SHA-256`. A client that names a method is asked step by
   * step, and `authenticate` is not called; an unknown method is refused with 0x8C. Default: none.
   */
  readonly enhancedAuthentication?: Readonly<Record<string, EnhancedAuthenticator>>;
  /**
   * Who may publish; like `authenticate`, with 0x87 for a plain no. Asked for each message, and for a will when its
   * client connects (a no refuses the connection) and when it is published. MQTT 3.1 and 3.1.1 have no refusal: there,
   * a refused message is acknowledged and dropped.
   */
  readonly authorizePublish?: AuthorizerChain<PublishRequest>;
  /**
   * Who may subscribe; like `authorizePublish`. Asked for each filter of SUBSCRIBE. Compare `topicFilter`, which has no
   * `$share/<group>/`: an allow list with `isWithin(topicFilter, 'plant/#')`, a deny list with `overlaps`.
   */
  readonly authorizeSubscribe?: AuthorizerChain<SubscribeRequest>;
  /**
   * Who may receive: asked when a message is about to leave for a client, also for one that was queued when its client
   * still had the right. A no drops it and counts it. Must answer at once; costs time for every delivery. Default:
   * every subscriber may receive.
   */
  readonly authorizeDelivery?: (request: DeliveryRequest) => boolean;
  /** Bounds of connections, sessions, queues and packets; the defaults suit a small server. */
  readonly limits?: Partial<BrokerLimits>;
  /**
   * Keeps sessions with an expiry interval, their subscriptions and messages, and retained messages beyond the process.
   * A message is in the store before its publisher gets the acknowledgement. One store serves one broker at a time;
   * the code that opened its database closes it, after the broker. Default: none.
   */
  readonly store?: Store;
  /** The base of response topics for MQTT 5 clients that request it. Default: none. */
  readonly responseInformation?: string;
  /** Seconds between two publications of the `$SYS` topics. Default 10; 0 turns them off. */
  readonly sysInterval?: number;
}

const isFunction = (value: unknown): boolean => typeof value === 'function';
const functions = list(callback, 'functions');
const chain: Check = (value, name, where) => {
  if (isFunction(value)) return value;
  if (Array.isArray(value)) return functions(value, name, where);
  throw wrong(value, name, where, 'a function or an array of functions');
};

const origins = list(text, 'origins');

const limit: Check = (value, name, where) => {
  if (typeof value === 'number' && value >= 0) return value;
  throw new MqttError(`${where}: ${name} is ${shown(value)}; give a number from 0, or Infinity`, {
    code: ErrorCode.INVALID_OPTION,
  });
};

const LIMITS = Object.fromEntries(Object.keys(DEFAULT_LIMITS).map((name) => [name, limit])) as Checks<BrokerLimits>;

const listenerOptions = object<ListenerOptions>(
  { url: text, tls: serverTls, origins, ...POLICY_CHECKS },
  'a URL or options',
);
const listener: Check = (value, name, where) => {
  const checked = listenerOptions(value, name, where) as Partial<ListenerOptions>;
  if (checked.url !== undefined) return checked;
  throw new TypeError(`${where}: ${name}.url is missing; give a URL such as mqtt://0.0.0.0:1883`);
};

const OPTIONS: Checks<BrokerOptions> = {
  listeners: list(
    or((value) => typeof value === 'string', listener),
    'URLs',
  ),
  tls: serverTls,
  authenticate: chain,
  enhancedAuthentication: record(callback),
  authorizePublish: chain,
  authorizeSubscribe: chain,
  authorizeDelivery: callback,
  origins,
  limits: object(LIMITS),
  store: that(isStore, 'a store such as levelStore(database), without durable()'),
  responseInformation: text,
  sysInterval: numberIn(0, Infinity, 's'),
};

/** Options and handlers of aedes that have another name here. */
const OF_AEDES: Readonly<Record<string, string>> = {
  persistence: 'store',
  heartbeatInterval: 'sysInterval',
  keepaliveLimit: 'limits.keepalive',
  maxTopicLevels: 'limits.topicLevels',
  maxInflightInbound: 'limits.receiveMaximum',
  preConnect: 'authenticate',
  authorizeForward: 'authorizeDelivery',
  published: 'intercept({ publish })',
};

/**
 * Checks the options before anything is opened.
 * @throws TypeError for an option that is unknown or cannot be used; MqttError for a limit that is not a number.
 */
export function checkBrokerOptions(options: BrokerOptions): BrokerOptions {
  for (const name in options) {
    if (!Object.hasOwn(OF_AEDES, name)) continue;
    const what = `option "${name}" is one of aedes, and ${OF_AEDES[name]} here`;
    throw new TypeError(`createBroker: ${what}; see docs/from-aedes.md`);
  }
  return checkOptions<BrokerOptions>(options, OPTIONS, 'createBroker');
}

/** The limits with defaults filled in, reduced to what the protocol can express. */
export function limitsOf({ limits }: BrokerOptions): BrokerLimits {
  const all = { ...DEFAULT_LIMITS, ...limits };
  return {
    ...all,
    packetSize: Math.floor(Math.min(all.packetSize, 268_435_460)),
    inFlight: Math.max(1, Math.floor(Math.min(all.inFlight, 65535))),
    receiveMaximum: Math.max(1, Math.floor(Math.min(all.receiveMaximum, 65535))),
    topicAliases: Math.floor(Math.min(all.topicAliases, 65535)),
    sessionExpiry: Math.floor(all.sessionExpiry),
    keepalive: Math.floor(all.keepalive),
  };
}
