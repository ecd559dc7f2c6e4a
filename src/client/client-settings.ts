import type { BackoffOptions } from '../connection/backoff.js';
import type { StartedAuth } from '../connection/start-auth.js';
import type { ReconnectStrategy } from '../connection/reconnect.js';
import { redirectPolicy, type RedirectPolicy } from '../connection/redirect.js';
import type { ConnectPacket, ProtocolVersion, WillPacket } from '../packet/packets.js';
import { LONGEST } from '../rx/after.js';
import type { OutboxLimits } from '../session/outbox.js';
import type { Transport } from '../transport/transport.js';
import { topicNameProblem } from '../topic/topic-name.js';
import { encodeUtf8, utf8Length } from '../utf8.js';
import { checkChoice, checkNumber, checkText, refuseUnknown } from './check-options.js';
import { checkMqtt5Options } from './check-mqtt5-options.js';
import type { ClientOptions, ConnectOverrides, Will } from './client-options.js';
import { toProperties } from './properties-input.js';
import { toBytes } from './publish-request.js';

const KNOWN: readonly (keyof ClientOptions)[] = [
  'url',
  'servers',
  'clientId',
  'username',
  'password',
  'clean',
  'sessionExpiry',
  'keepalive',
  'pingTimeout',
  'connectTimeout',
  'timeouts',
  'protocolVersion',
  'will',
  'properties',
  'tls',
  'ws',
  'socket',
  'transport',
  'beforeConnect',
  'reconnect',
  'resubscribe',
  'subscribeBatchSize',
  'offline',
  'onSessionLost',
  'auth',
  'topicAlias',
  'followRedirect',
  'downgradeQos',
  'validatePayloadFormat',
  'retention',
  'store',
  'ackTimeout',
  'unroutedGrace',
  'isFatal',
  'startWith',
  'lazy',
  'linger',
];
const KNOWN_BACKOFF: readonly (keyof BackoffOptions)[] = [
  'minDelay',
  'maxDelay',
  'factor',
  'jitter',
  'maxAttempts',
  'stableAfter',
  'random',
];
const KNOWN_OFFLINE = ['maxMessages', 'maxBytes', 'overflow', 'qos0', 'rate'];

/** The options of a client, checked, with the defaults filled in. */
export interface ClientSettings {
  readonly options: ClientOptions;
  readonly servers: readonly string[];
  readonly transport: Transport;
  readonly clientId: string;
  readonly protocolVersion: ProtocolVersion | 'auto';
  readonly connectTimeout: number;
  readonly reconnect: false | BackoffOptions | ReconnectStrategy;
  /** Undefined where redirects are not followed. */
  readonly redirect: RedirectPolicy | undefined;
  readonly outbox: OutboxLimits;
  /** Bytes of the largest packet that is read. */
  readonly maximumPacketSize: number;
  /** The Receive Maximum that we announce. */
  readonly receiveMaximum: number;
  readonly topicAliasMaximum: number;
}

/**
 * Checks the options and fills in the defaults.
 * @throws TypeError that names the option.
 */
export function toSettings(options: ClientOptions, defaultTransport: Transport): ClientSettings {
  refuseUnknown(options, KNOWN, 'connect');
  const servers = inOrder(options.servers ?? (options.url === undefined ? [] : [options.url]), options.startWith);
  if (servers.length === 0) throw new TypeError('connect: no url was given; give url, or servers');
  checkSession(options);
  checkTimes(options);
  checkMqtt5Options(options);
  checkStore(options);
  checkText('clientId', options.clientId);
  checkText('username', options.username);
  const properties = options.properties === undefined ? {} : toProperties(options.properties, 'connect');
  if (options.will !== undefined) toWill(options.will);
  const reconnect = options.reconnect ?? {};
  if (typeof reconnect === 'object') checkBackoff(reconnect);
  return {
    options,
    servers,
    transport: options.transport ?? defaultTransport,
    clientId: options.clientId ?? randomClientId(),
    protocolVersion: options.protocolVersion ?? 'auto',
    connectTimeout: Math.min(options.connectTimeout ?? 30_000, LONGEST),
    reconnect,
    redirect: redirectPolicy(options.followRedirect ?? false),
    outbox: toOutboxLimits(options),
    maximumPacketSize: properties.maximumPacketSize ?? 16 * 1024 * 1024,
    receiveMaximum: properties.receiveMaximum ?? 65535,
    topicAliasMaximum: properties.topicAliasMaximum ?? 0,
  };
}

/** The CONNECT of one attempt. */
export function toConnectPacket(
  settings: ClientSettings,
  clientId: string,
  protocolVersion: ProtocolVersion,
  own: Pick<ConnectOverrides, 'will'> & {
    readonly username: string | undefined;
    readonly password: string | Uint8Array | undefined;
    readonly auth: StartedAuth | undefined;
  },
): ConnectPacket {
  const { clean = true, keepalive = 60, sessionExpiry, properties } = settings.options;
  const { username, password, will, auth } = own;
  return {
    cmd: 'connect',
    protocolVersion,
    clientId,
    clean,
    keepalive,
    username,
    password: typeof password === 'string' ? encodeUtf8(password) : password,
    will: will === undefined ? undefined : toWill(will),
    properties:
      protocolVersion === 5
        ? {
            ...(properties === undefined ? undefined : toProperties(properties, 'connect')),
            // What is not read must be told to the broker beforehand.
            maximumPacketSize: settings.maximumPacketSize,
            ...(sessionExpiry === undefined ? undefined : { sessionExpiryInterval: sessionExpiry }),
            ...(auth === undefined ? undefined : { authenticationMethod: auth.mechanism.method }),
            ...(auth?.data === undefined ? undefined : { authenticationData: auth.data }),
          }
        : undefined,
  };
}

function toWill(will: Will): WillPacket {
  refuseUnknown(will, ['topic', 'payload', 'qos', 'retain', 'properties'], 'will');
  const problem = topicNameProblem(will.topic);
  if (problem !== undefined) throw new TypeError(`will: the topic ${problem}`);
  const { qos = 0 } = will;
  checkChoice('QoS', qos, [0, 1, 2], 'will');
  return {
    topic: will.topic,
    payload: toBytes(will.payload ?? '', will.topic),
    qos,
    retain: will.retain ?? false,
    properties: will.properties === undefined ? undefined : toProperties(will.properties, 'will'),
  };
}

function checkSession(options: ClientOptions): void {
  const { clean = true, clientId, protocolVersion = 'auto', username, password } = options;
  checkChoice('protocolVersion', protocolVersion, [3, 4, 5, 'auto']);
  const before5 = protocolVersion === 3 || protocolVersion === 4;
  if (!clean && (clientId === undefined || clientId === '') && protocolVersion !== 5) {
    throw new TypeError('connect: clean: false needs a clientId, by which the broker knows the session');
  }
  const expiry = options.sessionExpiry ?? options.properties?.sessionExpiryInterval ?? 0;
  if (!clean && !before5 && expiry === 0) {
    throw new TypeError(
      'connect: clean: false keeps no session on MQTT 5 unless sessionExpiry is above 0; ' +
        'give it in s (0xFFFFFFFF: for ever), or set protocolVersion: 4',
    );
  }
  if (before5 && password !== undefined && username === undefined) {
    throw new TypeError('connect: MQTT 3.1.1 takes no password without a username; give both');
  }
  if (protocolVersion === 3 && clientId !== undefined && (clientId === '' || utf8Length(clientId) > 23)) {
    throw new TypeError('connect: MQTT 3.1 takes a clientId of 1 to 23 characters');
  }
}

function checkTimes(options: ClientOptions): void {
  const { keepalive = 60, pingTimeout, connectTimeout, linger, sessionExpiry, subscribeBatchSize } = options;
  checkNumber('keepalive', keepalive, 0, 65535, 's', true);
  checkNumber('connectTimeout', connectTimeout, 1, Infinity, 'ms');
  const stages = options.timeouts ?? {};
  refuseUnknown(stages, ['socket', 'tls', 'upgrade', 'connack'], 'timeouts');
  for (const [stage, ms] of Object.entries(stages)) checkNumber(`timeouts.${stage}`, ms as number, 1, Infinity, 'ms');
  checkNumber('pingTimeout', pingTimeout, 1, keepalive === 0 ? Infinity : keepalive * 1000 - 1, 'ms');
  checkNumber('linger', linger, 0, Infinity, 'ms');
  checkNumber('ackTimeout', options.ackTimeout, 1, Infinity, 'ms');
  checkNumber('unroutedGrace', options.unroutedGrace, 0, Infinity, 'ms');
  checkNumber('sessionExpiry', sessionExpiry, 0, 0xffff_ffff, 's', true);
  checkNumber('subscribeBatchSize', subscribeBatchSize, 1, Infinity, 'filters');
}

function checkBackoff(backoff: BackoffOptions): void {
  refuseUnknown(backoff, KNOWN_BACKOFF, 'reconnect');
  const { minDelay = 1000, maxDelay = 60_000, factor, maxAttempts, stableAfter, jitter } = backoff;
  checkNumber('reconnect.minDelay', minDelay, 0, Infinity, 'ms');
  checkNumber('reconnect.maxDelay', maxDelay, minDelay, Infinity, 'ms (and not below minDelay)');
  checkNumber('reconnect.factor', factor, 1, Infinity, 'times');
  checkNumber('reconnect.maxAttempts', maxAttempts, 0, Infinity, 'attempts');
  checkNumber('reconnect.stableAfter', stableAfter, 0, Infinity, 'ms');
  checkChoice('reconnect.jitter', jitter, ['none', 'full', 'equal', 'decorrelated']);
}

function checkStore({ store, clientId, retention }: ClientOptions): void {
  if (store !== undefined && (clientId === undefined || clientId === '')) {
    throw new TypeError('connect: store needs a clientId, under which the messages are found again');
  }
  checkChoice('retention', retention, ['all', 'acknowledged', 'qos1', 'nothing']);
}

/** Round robin from the first server or from any. */
function inOrder(servers: readonly string[], startWith: ClientOptions['startWith']): readonly string[] {
  const start = startWith === 'random' ? Math.floor(Math.random() * servers.length) : 0;
  return [...servers.slice(start), ...servers.slice(0, start)];
}

function toOutboxLimits(options: ClientOptions): OutboxLimits {
  const offline = options.offline ?? {};
  refuseUnknown(offline, KNOWN_OFFLINE, 'offline');
  const { maxMessages = 10_000, maxBytes = 64 * 1024 * 1024, overflow = 'reject' } = offline;
  checkNumber('offline.maxMessages', maxMessages, 0, Infinity, 'messages');
  checkNumber('offline.maxBytes', maxBytes, 0, Infinity, 'bytes');
  checkNumber('offline.rate', offline.rate, Number.MIN_VALUE, 1_000_000, 'messages per second');
  checkChoice('offline.overflow', overflow, ['reject', 'drop-oldest', 'drop-newest', 'wait']);
  return { maxMessages, maxBytes, overflow };
}

const ALPHANUMERIC = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** 22 characters that every broker has to take [MQTT-3.1.3-5]. */
function randomClientId(): string {
  const random = globalThis.crypto.getRandomValues(new Uint8Array(16));
  return `rxmqtt${Array.from(random, (byte) => ALPHANUMERIC[byte % ALPHANUMERIC.length]).join('')}`;
}
