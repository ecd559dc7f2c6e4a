import { readFile } from 'node:fs/promises';
import type { ClientOptions, TlsOptions, Will } from 'rxmqtt';
import { LARGEST_PACKET } from '../../packet/limits.js';
import type { Terminal } from '../terminal.js';
import { systemCode } from '../read-failure.js';
import { UsageError } from '../usage-error.js';
import type { ConnectionValues } from './connection-options.js';

/**
 * Converts options of the command line to options of `connect()`. Asks for the password if one is needed.
 * @throws UsageError (rejects)
 */
export async function clientOptionsOf(values: ConnectionValues, terminal: Terminal): Promise<ClientOptions> {
  const { url, username, header, keepalive, proxy } = values;
  const sessionExpiry = values['session-expiry'];
  const clientId = values['client-id'];
  if (sessionExpiry !== undefined && clientId === undefined) {
    throw new UsageError("option '--session-expiry' needs '--client-id': the broker keeps a session under this name");
  }
  if (values['will-topic'] === undefined && WILL.some((name) => values[name])) {
    throw new UsageError("the options '--will-...' need '--will-topic'");
  }
  const password = await passwordOf(values, terminal);
  const will = willOf(values);
  const tls = tlsOf(values);
  return {
    url: urlOf(url),
    protocolVersion: values['protocol-version'],
    keepalive,
    connectTimeout: values['connect-timeout'],
    log: false,
    // The commands themselves bound what they have under way.
    offline: { maxMessages: Infinity, maxBytes: Infinity },
    properties: { maximumPacketSize: LARGEST_PACKET },
    ...(clientId !== undefined && { clientId }),
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(sessionExpiry !== undefined && { clean: false, sessionExpiry: Math.ceil(sessionExpiry / 1000) }),
    ...(will !== undefined && { will }),
    ...(tls !== undefined && { tls }),
    ...(proxy !== undefined && { proxy }),
    ...(header.length > 0 && { ws: { headers: Object.fromEntries(header) } }),
  };
}

const WILL = ['will-payload', 'will-qos', 'will-retain'] as const;

function willOf(values: ConnectionValues): Will | undefined {
  const topic = values['will-topic'];
  const payload = values['will-payload'] ?? '';
  return topic === undefined
    ? undefined
    : { topic, payload, qos: values['will-qos'] ?? 0, retain: values['will-retain'] };
}

/** A URL unchanged; a bare host, perhaps with a port, becomes `mqtt://host`. */
export function urlOf(given: string): string {
  return /^([a-z][a-z\d+.-]*:\/\/|(ws\+)?unix:)/i.test(given) ? given : `mqtt://${given}`;
}

function tlsOf(values: ConnectionValues): TlsOptions | undefined {
  const { ca, cert, key, insecure, alpn, servername } = values;
  const tls: TlsOptions = {
    ...(ca !== undefined && { caFile: ca }),
    ...(cert !== undefined && { certFile: cert }),
    ...(key !== undefined && { keyFile: key }),
    ...(insecure && { rejectUnauthorized: false }),
    ...(alpn.length > 0 && { ALPNProtocols: alpn }),
    ...(servername !== undefined && { servername }),
  };
  return Object.keys(tls).length === 0 ? undefined : tls;
}

/** From the file, the environment, or a question at the terminal. */
async function passwordOf(values: ConnectionValues, terminal: Terminal): Promise<string | undefined> {
  const file = values['password-file'];
  if (values['no-password']) return undefined;
  if (file !== undefined) return firstLineOf(file);
  const ofUrl = userOf(values.url);
  const username = values.username ?? ofUrl?.name;
  // A password in the URL belongs to its user. Without a user, the password in the environment is for another broker.
  if (username === undefined || (values.username === undefined && ofUrl?.hasPassword === true)) return undefined;
  const { RXMQTT_PASSWORD: password } = terminal.environment;
  if (password !== undefined && password !== '') return password;
  if (terminal.askSecret === undefined) return undefined;
  const [typed = ''] = await terminal.askSecret(`Password of ${username} (empty for none): `);
  return typed === '' ? undefined : typed;
}

/** The user in a URL. An invalid URL is refused when it is dialled. */
function userOf(url: string): { readonly name: string; readonly hasPassword: boolean } | undefined {
  try {
    const { username, password } = new URL(urlOf(url));
    return username === '' ? undefined : { name: decodeURIComponent(username), hasPassword: password !== '' };
  } catch {
    return undefined;
  }
}

async function firstLineOf(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new UsageError(`${file} cannot be read: ${systemCode(error)}`);
  });
  const [line = ''] = text.split(/\r?\n/, 1);
  if (line === '') throw new UsageError(`the first line of ${file} is empty; it is the password`);
  return line;
}
