import { parseUrl } from '../transport/broker-url.js';

export interface RedirectOptions {
  /** Redirects in a row that are followed before a normal retry; a connection of 30 s begins a new count. Default 5. */
  readonly maxHops?: number;
  /**
   * User name, password, authentication data, WebSocket headers and the query of the URL go to the hosts that the
   * options name: `'same-host'`, the default; or wherever a broker sends the client: `'always'`.
   */
  readonly credentials?: 'same-host' | 'always';
  /** Whether this URL may be dialled. Default: every one. */
  readonly allow?: (url: string) => boolean;
}

/** What a client does when a broker refers it to another one. */
export interface RedirectPolicy {
  readonly maxHops: number;
  readonly credentials: 'same-host' | 'always';
  readonly allow: (url: string) => boolean;
}

export const STABLE_AFTER = 30_000;

/** The policy of an option; undefined: redirects are not followed. */
export function redirectPolicy(option: boolean | RedirectOptions): RedirectPolicy | undefined {
  if (option === false) return undefined;
  const { maxHops = 5, credentials = 'same-host', allow = () => true } = option === true ? {} : option;
  return { maxHops, credentials, allow };
}

/** Without what only the hosts of the options may learn: user name, password and query. */
export function withoutSecrets(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, '$1').replace(/[?#].*$/s, '');
}

/** The host of a URL; empty where it has none. */
export function hostOf(url: string): string {
  try {
    return parseUrl(url).host;
  } catch {
    return '';
  }
}
