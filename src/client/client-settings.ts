import type { BackoffOptions } from '../connection/backoff.js';
import type { StartedAuth } from '../connection/start-auth.js';
import type { ReconnectStrategy } from '../connection/reconnect.js';
import { redirectPolicy, type RedirectPolicy } from '../connection/redirect.js';
import type { ConnectPacket, ProtocolVersion, WillPacket } from '../packet/packets.js';
import { LONGEST_TIMER } from '../rx/clock.js';
import type { OutboxLimits } from '../session/outbox.js';
import type { Transport } from '../transport/transport.js';
import { topicNameProblem } from '../topic/topic-name.js';
import { encodeUtf8, utf8Length } from '../utf8.js';
import { checkAuth } from './check-auth.js';
import { checkChoice, checkNumber, checkOptions, refuseUnknown } from './check-options.js';
import type { ClientOptions, ConnectOverrides, Will } from './client-options.js';
import { CLIENT_OPTIONS } from './known-options.js';
import { toProperties } from './properties-input.js';
import { toBytes } from './publish-request.js';

/** The options of a client, checked and with defaults filled in. */
export interface ClientSettings {
  readonly options: ClientOptions;
  readonly servers: readonly string[];
  readonly transport: Transport;
  readonly clientId: string;
  readonly protocolVersion: ProtocolVersion | 'auto';
  readonly connectTimeout: number;
  readonly reconnect: false | BackoffOptions | ReconnectStrategy;
  /** Undefined when redirects are not followed. */
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
  checkOptions(options, CLIENT_OPTIONS, 'connect');
  const servers = inOrder(options.servers ?? (options.url === undefined ? [] : [options.url]), options.startWith);
  if (servers.length === 0) throw new TypeError('connect: there is no url; give url or servers');
  checkTimes(options);
  checkSession(options);
  checkAuth(options);
  const properties = options.properties === undefined ? {} : toProperties(options.properties, 'connect');
  if (options.will !== undefined) toWill(options.will);
  const { maxMessages = 10_000, maxBytes = 64 * 1024 * 1024, overflow = 'reject' } = options.offline ?? {};
  return {
    options,
    servers,
    transport: options.transport ?? defaultTransport,
    clientId: options.clientId ?? randomClientId(),
    protocolVersion: options.protocolVersion ?? 'auto',
    connectTimeout: Math.min(options.connectTimeout ?? 30_000, LONGEST_TIMER),
    reconnect: options.reconnect ?? {},
    redirect: redirectPolicy(options.followRedirect ?? false),
    outbox: { maxMessages, maxBytes, overflow },
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
            // Announce the limit before the broker exceeds it.
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
  const { clean = true, clientId, protocolVersion = 'auto', username, password, store } = options;
  const before5 = protocolVersion === 3 || protocolVersion === 4;
  if (!clean && (clientId === undefined || clientId === '') && protocolVersion !== 5) {
    throw new TypeError('connect: clean: false needs a clientId that identifies the session; give one');
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
  if (store !== undefined && (clientId === undefined || clientId === '')) {
    throw new TypeError('connect: store needs a clientId that identifies the messages; give one');
  }
}

/** The checks across options. */
function checkTimes({ keepalive = 60, pingTimeout = 1, reconnect }: ClientOptions): void {
  checkNumber('pingTimeout', pingTimeout, 1, keepalive === 0 ? Infinity : keepalive * 1000 - 1, 'ms');
  if (typeof reconnect !== 'object') return;
  const { minDelay = 1000, maxDelay = 60_000 } = reconnect;
  checkNumber('reconnect.maxDelay', maxDelay, minDelay, Infinity, 'ms (and not below minDelay)');
}

/** Round robin, from the first server or from a random one. */
function inOrder(servers: readonly string[], startWith: ClientOptions['startWith']): readonly string[] {
  const start = startWith === 'random' ? Math.floor(Math.random() * servers.length) : 0;
  return [...servers.slice(start), ...servers.slice(0, start)];
}

const ALPHANUMERIC = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** 22 characters that every broker accepts [MQTT-3.1.3-5]. */
function randomClientId(): string {
  const random = globalThis.crypto.getRandomValues(new Uint8Array(16));
  return `rxmqtt${Array.from(random, (byte) => ALPHANUMERIC[byte % ALPHANUMERIC.length]).join('')}`;
}
