import type { BackoffOptions } from '../connection/backoff.js';
import type { StartedAuth } from '../connection/start-auth.js';
import type { ReconnectStrategy } from '../connection/reconnect.js';
import { redirectPolicy, type RedirectPolicy } from '../connection/redirect.js';
import type { ConnectPacket, ProtocolVersion, WillPacket } from '../packet/packets.js';
import { LONGEST_TIMER } from '../rx/clock.js';
import type { OutboxLimits } from '../session/outbox.js';
import type { Platform } from '../transport/platform.js';
import type { Transport } from '../transport/transport.js';
import { topicNameProblem } from '../topic/topic-name.js';
import { encodeUtf8, utf8Length } from '../utf8.js';
import { checkAuth } from './check-auth.js';
import { checkPlatform } from './check-platform.js';
import { checkNumber, checkOptions, flag } from '../options/check-options.js';
import { checkServers } from './check-servers.js';
import type { ClientLimits, ClientOptions, ConnectOverrides, ReconnectOptions, Will } from './client-options.js';
import { clientOptionsOn, overridesOn, sessionStore } from './known-options.js';
import { toProperties } from './properties-input.js';
import { publishDefaults, type ApplyDefaults } from './publish-defaults.js';
import { toBytes } from './publish-request.js';

/** The options of a client, checked and with defaults filled in. */
export interface ClientSettings {
  readonly options: ClientOptions;
  readonly servers: readonly string[];
  readonly transport: Transport;
  readonly platform: Platform;
  readonly clientId: string;
  readonly protocolVersion: ProtocolVersion | 'auto';
  readonly connectTimeout: number;
  readonly reconnect: false | BackoffOptions | ReconnectStrategy;
  /** Undefined when redirects are not followed. */
  readonly redirect: RedirectPolicy | undefined;
  readonly outbox: OutboxLimits;
  /** Completes the options of a publish with the defaults. */
  readonly applyDefaults: ApplyDefaults;
  /** Bytes of the largest packet that is read. */
  readonly maximumPacketSize: number;
  /** The Receive Maximum that we announce. */
  readonly receiveMaximum: number;
  readonly topicAliasMaximum: number;
}

/**
 * Checks the options and fills in the defaults.
 * @throws TypeError that names the option; ConnectError when the platform lacks something.
 */
export function toSettings(given: ClientOptions, defaultTransport: Transport, platform: Platform): ClientSettings {
  const options = checkOptions<ClientOptions>(given, clientOptionsOn(platform.options), 'connect');
  checkPlatform(options.clientId);
  checkServers(options, platform);
  if (given.store !== undefined) sessionStore(given.store, 'store', 'connect');
  const servers = options.servers ?? (options.url === undefined ? [] : [options.url]);
  checkTimes(options);
  if (options.returnAfter !== undefined && options.reconnect === false) {
    throw new TypeError('connect: returnAfter needs reconnect, because a move to the preferred server may fail');
  }
  checkProxy(options);
  checkSession(options);
  checkAuth(options);
  const properties = options.properties === undefined ? {} : toProperties(options.properties, 'connect');
  if (options.will !== undefined) toWill(options.will, options.limits);
  const { maxMessages = 10_000, maxBytes = 64 * 1024 * 1024, overflow = 'reject' } = options.offline ?? {};
  return {
    options,
    servers,
    transport: options.transport ?? defaultTransport,
    platform,
    clientId: options.clientId ?? randomClientId(),
    protocolVersion: options.protocolVersion ?? 'auto',
    connectTimeout: Math.min(options.connectTimeout ?? 30_000, LONGEST_TIMER),
    reconnect: options.reconnect ?? {},
    redirect: redirectPolicy(options.followRedirect ?? false),
    applyDefaults: publishDefaults(options.defaults),
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
    will: will === undefined ? undefined : toWill(will, settings.options.limits),
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

function toWill(will: Will, limits: ClientLimits = {}): WillPacket {
  const problem = topicNameProblem(will.topic);
  if (problem !== undefined) throw new TypeError(`will: the topic ${problem}`);
  const { qos = 0 } = will;
  if (qos > (limits.qos ?? 2)) throw new TypeError(`will: QoS ${qos} is above limits.qos; give ${limits.qos ?? 2}`);
  return {
    topic: will.topic,
    payload: toBytes(will.payload ?? '', will.topic),
    qos,
    retain: will.retain ?? false,
    properties: will.properties === undefined ? undefined : toProperties(will.properties, 'will'),
  };
}

/** @throws TypeError for options that `reconnect()` cannot follow. */
export function checkReconnectOptions(given: ReconnectOptions, options: ClientOptions): ReconnectOptions {
  const checked = checkOptions<ReconnectOptions>(given, { clean: flag }, 'reconnect');
  const { clean } = checked;
  if (clean !== undefined) checkSession({ ...options, clean }, 'reconnect');
  return checked;
}

/**
 * Checks the result of `beforeConnect` as options are checked. `will: undefined` removes the will.
 * @throws TypeError that names the option.
 */
export function checkOverrides(settings: ClientSettings, given?: ConnectOverrides | null): ConnectOverrides {
  const checked = checkOptions<ConnectOverrides>(given, overridesOn(settings.platform.options), 'beforeConnect');
  return given && 'will' in given ? { ...checked, will: checked.will } : checked;
}

/**
 * The settings of one attempt: those of the client, with the values that `reconnect()` and `beforeConnect` replace.
 * @throws TypeError that names the option.
 */
export function settingsOfAttempt(
  settings: ClientSettings,
  clean: boolean | undefined,
  overrides: ConnectOverrides,
): ClientSettings {
  const { keepalive, sessionExpiry, properties, clientId } = overrides;
  const own = { clean: overrides.clean ?? clean, keepalive, sessionExpiry, clientId, properties };
  const given = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined)) as ClientOptions;
  if (Object.keys(given).length === 0) return settings;
  const options = { ...settings.options, ...given };
  if (options.store !== undefined && clientId !== undefined && clientId !== settings.clientId) {
    throw new TypeError('beforeConnect: clientId must stay the same with a store, which keeps messages under it');
  }
  checkTimes(options);
  checkSession(options, 'beforeConnect');
  if (properties === undefined) return { ...settings, options };
  const { receiveMaximum, topicAliasMaximum } = settings;
  return { ...settings, options: { ...options, properties: { ...properties, receiveMaximum, topicAliasMaximum } } };
}

function checkSession(options: ClientOptions, where = 'connect'): void {
  const { clean = true, clientId, protocolVersion = 'auto', username, password, store } = options;
  const before5 = protocolVersion === 3 || protocolVersion === 4;
  if (!clean && (clientId === undefined || clientId === '') && protocolVersion !== 5) {
    throw new TypeError(`${where}: clean: false needs a clientId that identifies the session; give one`);
  }
  const expiry = options.sessionExpiry ?? options.properties?.sessionExpiryInterval ?? 0;
  if (!clean && !before5 && expiry === 0) {
    throw new TypeError(
      `${where}: clean: false keeps no session on MQTT 5 unless sessionExpiry is above 0; ` +
        'give it in s (0xFFFFFFFF: forever), or set protocolVersion: 4',
    );
  }
  if (before5 && password !== undefined && username === undefined) {
    throw new TypeError(`${where}: MQTT 3.1.1 takes no password without a username; give both`);
  }
  if (protocolVersion === 3 && clientId !== undefined && (clientId === '' || utf8Length(clientId) > 23)) {
    throw new TypeError(`${where}: MQTT 3.1 takes a clientId of 1 to 23 characters`);
  }
  if (store !== undefined && (clientId === undefined || clientId === '')) {
    throw new TypeError(`${where}: store needs a clientId that identifies the messages; give one`);
  }
}

/** Checks the rules that hold between two times. */
function checkTimes({ keepalive = 60, pingTimeout = 1, reconnect, limits }: ClientOptions): void {
  const { min = 0, max = 65535 } = limits?.keepalive ?? {};
  checkNumber('keepalive', keepalive, min, max, 's');
  checkNumber('pingTimeout', pingTimeout, 1, keepalive === 0 ? Infinity : keepalive * 1000 - 1, 'ms');
  if (typeof reconnect !== 'object') return;
  const { minDelay = 1000, maxDelay = 60_000 } = reconnect;
  checkNumber('reconnect.maxDelay', maxDelay, minDelay, Infinity, 'ms (and not below minDelay)');
}

function checkProxy({ proxy, ws, transport }: ClientOptions): void {
  if (proxy === undefined) return;
  const other = transport !== undefined ? 'transport' : ws?.agent !== undefined ? 'ws.agent' : undefined;
  if (other !== undefined) throw new TypeError(`connect: proxy and ${other} exclude each other; give one of them`);
}

const ALPHANUMERIC = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** 22 characters that every broker accepts [MQTT-3.1.3-5]. */
function randomClientId(): string {
  const random = globalThis.crypto.getRandomValues(new Uint8Array(16));
  return `rxmqtt${Array.from(random, (byte) => ALPHANUMERIC[byte % ALPHANUMERIC.length]).join('')}`;
}
