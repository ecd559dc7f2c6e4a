import { decoded, hasRawCredentials, invalidUrl } from './invalid-url.js';

/** The default port of each scheme. */
const DEFAULT_PORTS: Readonly<Record<string, number>> = {
  mqtt: 1883,
  tcp: 1883,
  mqtts: 8883,
  ssl: 8883,
  tls: 8883,
  ws: 80,
  wss: 443,
};

const ENCRYPTED: readonly string[] = ['mqtts', 'ssl', 'tls', 'wss'];

/** The parts of a URL. */
export interface BrokerUrl {
  /** Lower case, without the colon: `mqtt`. */
  readonly scheme: string;
  /** Without the brackets of an IPv6 address, which may have a zone: `fe80::1%eth0`. Empty for `unix` and `ws+unix`. */
  readonly host: string;
  /** The port, or the scheme's default; 0 for `unix` and for schemes without a default. */
  readonly port: number;
  /** Path and query; for `unix` the path of the socket, for `ws+unix` that path, a colon, and the path and query. */
  readonly path: string;
  /** Percent-decoded. */
  readonly username: string | undefined;
  /** Percent-decoded. */
  readonly password: string | undefined;
  /** The URL to dial: with its port, without user name and password. */
  readonly href: string;
  /** `href` for error messages: also without the query, where signed URLs keep their secret. */
  readonly display: string;
}

/**
 * Parses a broker's URL and fills in the default port.
 *
 * @throws ConnectError with code `INVALID_OPTION` when it is not a URL or has no host.
 */
export function parseUrl(url: string): BrokerUrl {
  const [, unix, socket] = /^(unix|ws\+unix):(?:\/\/(?=\/))?(.+)$/is.exec(url) ?? [];
  if (unix !== undefined && socket !== undefined) return unixUrl(unix.toLowerCase(), socket);

  if (hasRawCredentials(url)) throw invalidUrl(url, 'its user name or password holds a character that ends the host');
  const { whole, zone } = withoutZone(url);
  let parsed: URL;
  try {
    parsed = new URL(whole);
  } catch {
    throw invalidUrl(url, 'it is not a URL');
  }
  const scheme = parsed.protocol.slice(0, -1);
  if (!url.slice(scheme.length).startsWith('://') || parsed.hostname === '') throw invalidUrl(url, 'it has no host');

  const host = asciiHost(url, parsed.hostname) + zone;
  const port = parsed.port === '' ? (DEFAULT_PORTS[scheme] ?? 0) : Number(parsed.port);
  const path = parsed.pathname + parsed.search;
  const origin = `${scheme}://${inUrl(host.replace('%', '%25'))}${port === 0 && parsed.port === '' ? '' : `:${port}`}`;
  return {
    scheme,
    host,
    port,
    path,
    username: parsed.username === '' ? undefined : decoded(parsed.username),
    password: parsed.password === '' ? undefined : decoded(parsed.password),
    href: origin + path,
    display: origin + (parsed.pathname === '/' ? '' : parsed.pathname),
  };
}

/** Whether a scheme dials with TLS. */
export function isEncrypted(scheme: string): boolean {
  return ENCRYPTED.includes(scheme);
}

/** The host as a URL writes it: an IPv6 address in brackets. */
export function inUrl(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

/** A host name without the dot of the root: `example.org.` is `example.org`. */
export function withoutRoot(host: string): string {
  return host.replace(/\.$/, '');
}

function unixUrl(scheme: string, path: string): BrokerUrl {
  const href = `${scheme}:${path}`;
  const display = scheme === 'unix' ? href : href.replace(/\?.*$/s, '');
  return { scheme, host: '', port: 0, path, username: undefined, password: undefined, href, display };
}

/** Takes out the zone of an IPv6 address (RFC 6874), which URL does not know: `[fe80::1%25eth0]`. */
function withoutZone(url: string): { readonly whole: string; readonly zone: string } {
  const [zone = '', name = ''] =
    /(?<=^[^/?#]*:\/\/(?:[^/?#]*@)?\[[\da-f:.]+)%(?:25)?([^\]/?#]+)(?=\])/i.exec(url) ?? [];
  return { whole: url.replace(zone, ''), zone: name === '' ? '' : `%${name}` };
}

/** URL treats the host of an unknown scheme as opaque; an http URL lower-cases it and applies punycode. */
function asciiHost(url: string, hostname: string): string {
  try {
    const host = new URL(`http://${decoded(hostname)}`).hostname;
    return host.startsWith('[') ? host.slice(1, -1) : host;
  } catch {
    throw invalidUrl(url, 'its host is not valid');
  }
}
