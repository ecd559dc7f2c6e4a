import { parseUrl } from '../transport/broker-url.js';

export interface RedirectOptions {
  /** How many redirects to follow in a row before a normal retry; a 30 s connection resets the count. Default 5. */
  readonly maxHops?: number;
  /**
   * Where to send user name, password, authentication data, WebSocket headers and the URL's query: `'same-host'`
   * (default) only to hosts named in the options, `'always'` also to any host a broker redirects to.
   */
  readonly credentials?: 'same-host' | 'always';
  /** Whether this URL may be dialled. Default: always. */
  readonly allow?: (url: string) => boolean;
}

/** How a client handles redirects. */
export interface RedirectPolicy {
  readonly maxHops: number;
  readonly credentials: 'same-host' | 'always';
  readonly allow: (url: string) => boolean;
}

export const STABLE_AFTER = 30_000;

/** Undefined: redirects are not followed. */
export function redirectPolicy(option: boolean | RedirectOptions): RedirectPolicy | undefined {
  if (option === false) return undefined;
  const { maxHops = 5, credentials = 'same-host', allow = () => true } = option === true ? {} : option;
  return { maxHops, credentials, allow };
}

/** Removes the parts that only hosts named in the options may receive: user name, password and query. */
export function withoutCredentials(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, '$1').replace(/[?#].*$/s, '');
}

/** The host of a URL; empty if it has none. */
export function hostOf(url: string): string {
  try {
    return parseUrl(url).host;
  } catch {
    return '';
  }
}
