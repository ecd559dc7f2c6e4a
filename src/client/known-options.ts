import type { BackoffOptions } from '../connection/backoff.js';
import type { RedirectOptions } from '../connection/redirect.js';
import { LARGEST_PACKET } from '../packet/limits.js';
import { asGiven, callback, flag, oneOf, shape, text, within, type Check, type Shape } from './check-options.js';
import type { ClientLimits, ClientOptions, ConnectTimeouts, OfflineOptions } from './client-options.js';

const ms = within(1, Infinity, 'ms');
const delay = within(0, Infinity, 'ms');
const times = within(1, Infinity, 'times');

const TIMEOUTS: Shape<ConnectTimeouts> = { proxy: ms, socket: ms, tls: ms, upgrade: ms, connack: ms };

const BACKOFF: Shape<BackoffOptions> = {
  minDelay: delay,
  maxDelay: delay,
  factor: times,
  jitter: oneOf('none', 'full', 'equal', 'decorrelated'),
  maxAttempts: within(0, Infinity, 'attempts'),
  stableAfter: delay,
  random: callback,
};

const OFFLINE: Shape<OfflineOptions> = {
  maxMessages: within(0, Infinity, 'messages'),
  maxBytes: within(0, Infinity, 'bytes'),
  overflow: oneOf('reject', 'drop-oldest', 'drop-newest', 'wait'),
  qos0: flag,
  rate: within(Number.MIN_VALUE, 1_000_000, 'messages per second'),
};

const LIMITS: Shape<ClientLimits> = {
  publishRate: within(Number.MIN_VALUE, 1_000_000, 'messages per second'),
  inFlight: within(1, 65535, 'messages', true),
  packetSize: within(16, LARGEST_PACKET, 'bytes'),
  topicLevels: within(1, 65535, 'levels', true),
  qos: oneOf(0, 1, 2),
  keepalive: shape('limits.keepalive', { min: within(0, 65535, 's', true), max: within(0, 65535, 's', true) }),
};

const REDIRECT: Shape<RedirectOptions> = { maxHops: times, credentials: oneOf('same-host', 'always'), allow: callback };

const sessionStore: Check = (value, name) => {
  if (typeof value === 'object' && value !== null && 'keepSession' in value) return;
  throw new TypeError(`connect: ${name} must come from durable(); write ${name}: durable(yourStore)`);
};

/** Every option of a client, and what can be said of it alone. */
export const CLIENT_OPTIONS: Shape<ClientOptions> = {
  url: asGiven,
  servers: asGiven,
  clientId: text,
  username: text,
  password: asGiven,
  clean: flag,
  sessionExpiry: within(0, 0xffff_ffff, 's', true),
  keepalive: within(0, 65535, 's', true),
  pingTimeout: ms,
  connectTimeout: ms,
  timeouts: shape('timeouts', TIMEOUTS),
  protocolVersion: oneOf(3, 4, 5, 'auto'),
  will: asGiven,
  properties: asGiven,
  tls: asGiven,
  ws: asGiven,
  socket: asGiven,
  proxy: text,
  transport: asGiven,
  beforeConnect: callback,
  reconnect: shape('reconnect', BACKOFF),
  resubscribe: flag,
  subscribeBatchSize: within(1, Infinity, 'filters'),
  limits: shape('limits', LIMITS),
  offline: shape('offline', OFFLINE),
  onSessionLost: oneOf('safe', 'republish', 'fail'),
  auth: asGiven,
  topicAlias: oneOf('off', 'auto'),
  followRedirect: shape('followRedirect', REDIRECT),
  downgradeQos: flag,
  validatePayloadFormat: flag,
  retention: oneOf('all', 'acknowledged', 'qos1', 'nothing'),
  store: sessionStore,
  ackTimeout: ms,
  unroutedGrace: delay,
  isFatal: callback,
  startWith: oneOf('first', 'random'),
  lazy: flag,
  linger: delay,
};
