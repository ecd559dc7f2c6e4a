import type { BackoffOptions } from '../connection/backoff.js';
import type { RedirectOptions } from '../connection/redirect.js';
import { LARGEST_PACKET } from '../packet/limits.js';
import { unchecked, callback, flag, oneOf, object, text, numberIn, type Check, type Checks } from './check-options.js';
import type { ClientLimits, ClientOptions, ConnectTimeouts, OfflineOptions } from './client-options.js';

const ms = numberIn(1, Infinity, 'ms');
const delay = numberIn(0, Infinity, 'ms');
const times = numberIn(1, Infinity, 'times');

const TIMEOUTS: Checks<ConnectTimeouts> = { proxy: ms, socket: ms, tls: ms, upgrade: ms, connack: ms };

const BACKOFF: Checks<BackoffOptions> = {
  minDelay: delay,
  maxDelay: delay,
  factor: times,
  jitter: oneOf('none', 'full', 'equal', 'decorrelated'),
  maxAttempts: numberIn(0, Infinity, 'attempts'),
  stableAfter: delay,
  random: callback,
};

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
  qos: oneOf(0, 1, 2),
  keepalive: object('limits.keepalive', { min: numberIn(0, 65535, 's', true), max: numberIn(0, 65535, 's', true) }),
};

const REDIRECT: Checks<RedirectOptions> = {
  maxHops: times,
  credentials: oneOf('same-host', 'always'),
  allow: callback,
};

const sessionStore: Check = (value, name) => {
  if (typeof value === 'object' && value !== null && 'keepSession' in value) return;
  throw new TypeError(`connect: ${name} is not the result of durable(); write ${name}: durable(yourStore)`);
};

/** Functions by level; an object with more than these, such as `console`, is one too. */
const log: Check = (value, name) => {
  if (value === false) return;
  if (typeof value !== 'object' || value === null) {
    throw new TypeError(
      `connect: ${name} is not a log; give false, console, or an object with debug, info, warn, error`,
    );
  }
  for (const level of ['debug', 'info', 'warn', 'error'] as const) {
    const tell = (value as Readonly<Record<string, unknown>>)[level];
    if (tell !== undefined) callback(tell, `${name}.${level}`);
  }
};

/** Every client option, with its own check. */
export const CLIENT_OPTIONS: Checks<ClientOptions> = {
  url: unchecked,
  servers: unchecked,
  clientId: text,
  username: text,
  password: unchecked,
  clean: flag,
  sessionExpiry: numberIn(0, 0xffff_ffff, 's', true),
  keepalive: numberIn(0, 65535, 's', true),
  pingTimeout: ms,
  connectTimeout: ms,
  timeouts: object('timeouts', TIMEOUTS),
  protocolVersion: oneOf(3, 4, 5, 'auto'),
  will: unchecked,
  properties: unchecked,
  tls: unchecked,
  ws: unchecked,
  socket: unchecked,
  proxy: text,
  transport: unchecked,
  beforeConnect: callback,
  reconnect: object('reconnect', BACKOFF),
  resubscribe: flag,
  subscribeBatchSize: numberIn(1, Infinity, 'filters'),
  defaults: unchecked,
  limits: object('limits', LIMITS),
  offline: object('offline', OFFLINE),
  onSessionLost: oneOf('safe', 'republish', 'fail'),
  auth: unchecked,
  topicAlias: oneOf('off', 'auto'),
  followRedirect: object('followRedirect', REDIRECT),
  downgradeQos: flag,
  validatePayloadFormat: flag,
  retention: oneOf('all', 'acknowledged', 'qos1', 'nothing'),
  store: sessionStore,
  ackTimeout: ms,
  unroutedGrace: delay,
  isFatal: callback,
  startWith: oneOf('first', 'random'),
  quarantine: flag,
  log,
  lazy: flag,
  linger: delay,
};
