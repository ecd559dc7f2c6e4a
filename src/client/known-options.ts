import type { BackoffOptions } from '../connection/backoff.js';
import type { RedirectOptions } from '../connection/redirect.js';
import { unchecked, callback, flag, oneOf, object, text, numberIn, type Check, type Checks } from './check-options.js';
import type { ClientOptions, ConnectTimeouts, OfflineOptions } from './client-options.js';

const ms = numberIn(1, Infinity, 'ms');
const delay = numberIn(0, Infinity, 'ms');
const times = numberIn(1, Infinity, 'times');

const TIMEOUTS: Checks<ConnectTimeouts> = { socket: ms, tls: ms, upgrade: ms, connack: ms };

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

const REDIRECT: Checks<RedirectOptions> = {
  maxHops: times,
  credentials: oneOf('same-host', 'always'),
  allow: callback,
};

const sessionStore: Check = (value, name) => {
  if (typeof value === 'object' && value !== null && 'keepSession' in value) return;
  throw new TypeError(`connect: ${name} is not the result of durable(); write ${name}: durable(yourStore)`);
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
  transport: unchecked,
  beforeConnect: callback,
  reconnect: object('reconnect', BACKOFF),
  resubscribe: flag,
  subscribeBatchSize: numberIn(1, Infinity, 'filters'),
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
  lazy: flag,
  linger: delay,
};
