import { ConnectError, ErrorCode } from '../errors.js';

/** The ports that a URL without one means. */
const DEFAULT_PORTS: Readonly<Record<string, number>> = {
  mqtt: 1883,
  tcp: 1883,
  mqtts: 8883,
  ssl: 8883,
  tls: 8883,
  ws: 80,
  wss: 443,
};

/** A URL taken apart. */
export interface BrokerUrl {
  /** Lower case, without the colon: `mqtt`. */
  readonly scheme: string;
  /** Without the brackets of an IPv6 address; empty for `unix`. */
  readonly host: string;
  /** The port, or the default one of the scheme; 0 for `unix` and where the scheme has no default. */
  readonly port: number;
  /** Path and query; for `unix` the path of the socket. */
  readonly path: string;
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** The whole URL with its port and without user name and password: what is dialled. */
  readonly href: string;
  /** As `href`, but also without the query, where signed URLs keep their secret: what messages show. */
  readonly display: string;
}

/**
 * Takes a broker's URL apart and fills in the default port.
 *
 * @throws ConnectError with code `INVALID_OPTION` when it is no URL or names no host.
 */
export function parseUrl(url: string): BrokerUrl {
  const unix = /^unix:(?:\/\/(?=\/))?(.+)$/i.exec(url)?.[1];
  if (unix !== undefined) return unixUrl(unix);

  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    throw invalid(url, 'it is not a URL');
  }
  const scheme = parsed.protocol.slice(0, -1);
  if (!url.slice(scheme.length).startsWith('://') || parsed.hostname === '') throw invalid(url, 'it names no host');

  const host = asciiHost(url, parsed.hostname);
  const port = parsed.port === '' ? (DEFAULT_PORTS[scheme] ?? 0) : Number(parsed.port);
  const path = parsed.pathname + parsed.search;
  const origin = `${scheme}://${host.includes(':') ? `[${host}]` : host}${port === 0 && parsed.port === '' ? '' : `:${port}`}`;
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

/** The URL as messages may show it: without user name, password and query, whether it can be parsed or not. */
export function displayUrl(url: string): string {
  try {
    return parseUrl(url).display;
  } catch {
    return url.replace(/^([^:/?#]*:?\/\/)?.*@/s, '$1').replace(/[?#].*$/s, '');
  }
}

/**
 * Resolves a WebSocket URL against the page that it is used in: `/mqtt` becomes `wss://the.page/mqtt` on a page that
 * came over https, and `ws://` on one that did not.
 */
export function resolveAgainstPage(url: string, page: string | undefined): string {
  if (/^[a-z][a-z0-9+.-]*:/i.test(url)) return url;
  if (page === undefined) throw invalid(url, 'it is relative, and there is no page to resolve it against');
  try {
    const resolved = new URL(url, page);
    resolved.protocol = resolved.protocol === 'https:' ? 'wss:' : 'ws:';
    return resolved.href;
  } catch {
    throw invalid(url, 'it cannot be resolved against the page');
  }
}

/** The error for a scheme that nobody here speaks. */
export function unsupportedScheme(url: string, supported: readonly string[], hint = ''): ConnectError {
  return new ConnectError(
    `connecting to ${displayUrl(url)} failed: the scheme "${schemeOf(url)}" is not supported${hint}; ` +
      `use one of ${supported.map((name) => `${name}:`).join(', ')}`,
    { code: ErrorCode.INVALID_OPTION },
  );
}

/** The scheme of a URL, lower case and without the colon; empty when it has none. */
export function schemeOf(url: string): string {
  return /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase() ?? '';
}

function unixUrl(path: string): BrokerUrl {
  const href = `unix:${path}`;
  return { scheme: 'unix', host: '', port: 0, path, username: undefined, password: undefined, href, display: href };
}

/** URL treats the host of a scheme that it does not know as opaque; an http URL brings lower case and punycode. */
function asciiHost(url: string, hostname: string): string {
  try {
    const host = new URL(`http://${decoded(hostname)}`).hostname;
    return host.startsWith('[') ? host.slice(1, -1) : host;
  } catch {
    throw invalid(url, 'its host is not valid');
  }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Without a cause: the one that URL throws carries its input, password and all. */
function invalid(url: string, why: string): ConnectError {
  const shown = url.replace(/^([^:/?#]*:?\/\/)?.*@/s, '$1').replace(/[?#].*$/s, '');
  return new ConnectError(`the URL "${shown}" cannot be used: ${why}; write it like mqtt://host:1883`, {
    code: ErrorCode.INVALID_OPTION,
  });
}
