import { readFile } from 'node:fs/promises';
import type { ClientOptions, ProtocolVersion, TlsOptions } from 'rxmqtt';
import type { Terminal } from '../terminal.js';
import { UsageError } from '../usage-error.js';
import type { ConnectionValues } from './connection-options.js';

const VERSIONS: Readonly<Record<string, ProtocolVersion | 'auto'>> = {
  auto: 'auto',
  '5': 5,
  '4': 4,
  '3.1.1': 4,
  '3': 3,
  '3.1': 3,
};

/**
 * The options of `connect()` that the options of the command line stand for. Asks for the password where one is needed.
 * @throws UsageError (rejects)
 */
export async function clientOptionsOf(values: ConnectionValues, terminal: Terminal): Promise<ClientOptions> {
  const { url, username, header, keepalive, proxy } = values;
  const sessionExpiry = values['session-expiry'];
  const clientId = values['client-id'];
  if (sessionExpiry !== undefined && clientId === undefined) {
    throw new UsageError("option '--session-expiry' needs '--client-id': the broker keeps a session under this name");
  }
  const password = await passwordOf(values, terminal);
  const tls = tlsOf(values);
  return {
    url: urlOf(url),
    protocolVersion: VERSIONS[values['protocol-version']] ?? 'auto',
    keepalive,
    connectTimeout: values['connect-timeout'],
    log: false,
    ...(clientId !== undefined && { clientId }),
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(sessionExpiry !== undefined && { clean: false, sessionExpiry: Math.ceil(sessionExpiry / 1000) }),
    ...(tls !== undefined && { tls }),
    ...(proxy !== undefined && { proxy }),
    ...(header.length > 0 && { ws: { headers: Object.fromEntries(header) } }),
  };
}

/** A URL as it is; a bare host, perhaps with a port, is one to speak plain MQTT to. */
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

/** From the file, the environment, or whoever sits at the terminal. */
async function passwordOf(values: ConnectionValues, terminal: Terminal): Promise<string | undefined> {
  const file = values['password-file'];
  if (values['no-password']) return undefined;
  if (file !== undefined) return firstLineOf(file);
  const { RXMQTT_PASSWORD: password } = terminal.environment;
  if (password !== undefined && password !== '') return password;
  const { username } = values;
  if (username === undefined || terminal.askSecret === undefined) return undefined;
  const [typed = ''] = await terminal.askSecret(`Password of ${username} (empty for none): `);
  return typed === '' ? undefined : typed;
}

async function firstLineOf(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new UsageError(`${file} cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown'}`);
  });
  const [line = ''] = text.split(/\r?\n/, 1);
  if (line === '') throw new UsageError(`the first line of ${file} is empty; it is the password`);
  return line;
}
