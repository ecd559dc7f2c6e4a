import { ConnectError, ErrorCode } from '../errors.js';
import { quoted } from '../quoted.js';
import { parseUrl } from './broker-url.js';
import { invalidUrl, redacted } from './invalid-url.js';

/** The URL for messages: without user name, password and query, even if it is invalid. */
export function displayUrl(url: string): string {
  try {
    return parseUrl(url).display;
  } catch {
    return redacted(url);
  }
}

/**
 * Resolves a WebSocket URL against the page's: `/mqtt` becomes `wss://the.page/mqtt` on an https page, otherwise
 * `ws://`.
 */
export function resolveAgainstPage(url: string, page: string | undefined): string {
  if (/^[a-z][a-z0-9+.-]*:/i.test(url)) return url;
  if (page === undefined) throw invalidUrl(url, 'it is relative, and there is no page to resolve it against');
  try {
    const resolved = new URL(url, page);
    resolved.protocol = resolved.protocol === 'https:' ? 'wss:' : 'ws:';
    return resolved.href;
  } catch {
    throw invalidUrl(url, 'it cannot be resolved against the page');
  }
}

export function unsupportedScheme(url: string, supported: readonly string[], hint = ''): ConnectError {
  return new ConnectError(
    `the URL ${quoted(displayUrl(url))} cannot be used: the scheme "${schemeOf(url)}" is not supported${hint}; ` +
      `use one of ${supported.map((name) => `${name}:`).join(', ')}`,
    { code: ErrorCode.INVALID_OPTION },
  );
}

/** Whether the host of a URL names a service, whose servers are looked up in DNS: `mqtt+srv://example.org`. */
export function isSrvUrl(url: string): boolean {
  return schemeOf(url).endsWith('+srv');
}

/** The scheme of a URL, lower case and without the colon; empty if it has none. */
export function schemeOf(url: string): string {
  return /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase() ?? '';
}
