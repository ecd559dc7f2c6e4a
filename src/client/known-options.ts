import { asBytes, isBytes } from '../bytes.js';
import { BACKOFF_OPTIONS } from '../connection/backoff.js';
import type { RedirectOptions } from '../connection/redirect.js';
import {
  callback,
  flag,
  list,
  numberIn,
  object,
  oneOf,
  or,
  properties,
  record,
  shown,
  text,
  that,
  unchecked,
  type Check,
  type Checks,
} from '../options/check-options.js';
import { LARGEST_PACKET } from '../packet/limits.js';
import type { PlatformOptions } from '../transport/platform.js';
import type {
  ClientLimits,
  ClientOptions,
  ConnectOverrides,
  ConnectTimeouts,
  OfflineOptions,
  PublishDefaults,
  Will,
} from './client-options.js';

const ms = numberIn(1, Infinity, 'ms');
const delay = numberIn(0, Infinity, 'ms');
const qos = oneOf(0, 1, 2);
const isFunction = (value: unknown): boolean => typeof value === 'function';

const TIMEOUTS: Checks<ConnectTimeouts> = { proxy: ms, socket: ms, tls: ms, upgrade: ms, connack: ms };

const OFFLINE: Checks<OfflineOptions> = {
  maxMessages: numberIn(0, Infinity, 'messages'),
  maxBytes: numberIn(0, Infinity, 'bytes'),
  overflow: oneOf('reject', 'drop-oldest', 'drop-newest', 'wait'),
  qos0: flag,
  rate: numberIn(Number.MIN_VALUE, 1_000_000, 'messages per second'),
};

const LIMITS: Checks<ClientLimits> = {
  publishRate: numberIn(Number.MIN_VALUE, 1_000_000, 'messages per second'),
  inFlight: numberIn(1, 65535, 'messages', true),
  packetSize: numberIn(16, LARGEST_PACKET, 'bytes'),
  topicLevels: numberIn(1, 65535, 'levels', true),
  qos,
  keepalive: object({ min: numberIn(0, 65535, 's', true), max: numberIn(0, 65535, 's', true) }),
};

const DEFAULTS: Checks<PublishDefaults> = {
  qos,
  retain: flag,
  topics: record(object({ qos, retain: flag })),
};

const WILL: Checks<Will> = {
  topic: unchecked,
  payload: that((value) => asBytes(value) !== undefined, 'a text or bytes'),
  qos,
  retain: flag,
  properties,
};

const REDIRECT: Checks<RedirectOptions> = {
  maxHops: numberIn(1, Infinity, 'times'),
  credentials: oneOf('same-host', 'always'),
  allow: callback,
};

/** `null` is refused, because a missing store would lose messages silently. */
export const sessionStore: Check = (value, name, where) => {
  if (typeof value === 'object' && value !== null && 'keepSession' in value) return value;
  throw new TypeError(`${where}: ${name} is not the result of durable(); write ${name}: durable(yourStore)`);
};

/** Functions by level, in an object that may have other members, such as `console`. */
const log: Check = (value, name, where) => {
  if (value === false) return value;
  if (typeof value !== 'object' || value === null) {
    throw new TypeError(
      `${where}: ${name} is ${shown(value)}; give false, console, or an object with debug, info, warn, error`,
    );
  }
  for (const level of ['debug', 'info', 'warn', 'error'] as const) {
    const tell = (value as Readonly<Record<string, unknown>>)[level];
    if (tell !== undefined) callback(tell, `${name}.${level}`, where);
  }
  return value;
};

/** The options that `beforeConnect` may replace. The platform adds the options of its transports. */
const OVERRIDES = {
  url: text,
  clientId: text,
  username: text,
  password: or(isBytes, text),
  clean: flag,
  sessionExpiry: numberIn(0, 0xffff_ffff, 's', true),
  keepalive: numberIn(0, 65535, 's', true),
  will: object(WILL),
  properties,
  tls: unchecked,
  ws: unchecked,
} satisfies Checks<ConnectOverrides>;

/** Every client option, with its own check. */
const CLIENT_OPTIONS: Checks<ClientOptions> = {
  ...OVERRIDES,
  // Checked by `checkServers`.
  url: unchecked,
  servers: list(text, 'URLs'),
  pingTimeout: ms,
  connectTimeout: ms,
  timeouts: object(TIMEOUTS),
  protocolVersion: oneOf(3, 4, 5, 'auto'),
  socket: unchecked,
  proxy: unchecked,
  transport: callback,
  beforeConnect: callback,
  reconnect: or(
    (value) => value === false || isFunction(value),
    object(BACKOFF_OPTIONS, 'false, options like { minDelay: 1000 }, or a function'),
  ),
  resubscribe: flag,
  subscribeBatchSize: numberIn(1, Infinity, 'filters'),
  defaults: object(DEFAULTS),
  limits: object(LIMITS),
  offline: object(OFFLINE),
  onSessionLost: oneOf('safe', 'republish', 'fail'),
  auth: unchecked,
  topicAlias: oneOf('off', 'auto'),
  followRedirect: or((value) => typeof value === 'boolean', object(REDIRECT, 'true, false, or options')),
  downgradeQos: flag,
  validatePayloadFormat: flag,
  retention: oneOf('all', 'acknowledged', 'qos1', 'nothing'),
  store: unchecked,
  ackTimeout: ms,
  unroutedGrace: delay,
  isFatal: callback,
  startWith: oneOf('first', 'random', 'sticky'),
  returnAfter: ms,
  quarantine: flag,
  log,
  lazy: flag,
  linger: delay,
};

/** The options of a client on a platform. */
export const clientOptionsOn = (platform: Checks<PlatformOptions>): Checks<ClientOptions> => ({
  ...CLIENT_OPTIONS,
  ...platform,
});

/** The options that `beforeConnect` may return on a platform. */
export const overridesOn = ({ tls, ws }: Checks<PlatformOptions>): Checks<ConnectOverrides> => ({
  ...OVERRIDES,
  tls,
  ws,
});
