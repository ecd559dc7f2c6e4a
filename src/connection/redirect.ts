import { ConnectError } from '../errors.js';
import { isEncrypted, parseUrl } from '../transport/broker-url.js';

/** How to follow a broker to another server (MQTT 5); the option `followRedirect`. */
export interface RedirectOptions {
  /** How many redirects to follow in a row before a normal retry; a 30 s connection resets the count. Default 5. */
  readonly maxHops?: number;
  /**
   * Where to send user name, password, authentication data, WebSocket headers, the URL's query and the will:
   * `'same-host'` (default) only to a host and port that the options name, `'always'` also to every redirect target.
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

/** Undefined: redirects are not followed. */
export function redirectPolicy(option: boolean | RedirectOptions): RedirectPolicy | undefined {
  if (option === false) return undefined;
  const { maxHops = 5, credentials = 'same-host', allow = () => true } = option === true ? {} : option;
  return { maxHops, credentials, allow };
}

/** Removes the parts that only servers named in the options may receive: user name, password and query. */
export function withoutCredentials(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, '$1').replace(/[?#].*$/s, '');
}

/**
 * Host and port of a URL, and whether it is dialled with TLS; empty if it has no host. A different port is a different
 * server, and so is the same one without TLS.
 */
export function originOf(url: string): string {
  try {
    const { scheme, host, port } = parseUrl(url);
    return host === '' ? '' : `${isEncrypted(scheme) ? 'tls' : 'tcp'} ${host} ${port}`;
  } catch {
    return '';
  }
}

/** A host with an optional port (section 4.11); other references are ignored. */
const REFERENCE = /^(\[[0-9a-f:.]+\]|[^\s:/?#@[\]]+)(:\d{1,5})?$/i;

/**
 * The URLs that a broker redirects to with 0x9C ("use another server") or 0x9D ("server moved"), with the scheme and
 * path of the dialled URL. Empty if the error is no redirect or cannot be followed.
 */
export function redirectTargets(error: unknown, dialled: string): readonly string[] {
  if (!(error instanceof ConnectError) || (error.reasonCode !== 0x9c && error.reasonCode !== 0x9d)) return [];
  const [, scheme, userinfo = '', rest = ''] = /^([a-z][a-z0-9+.-]*:\/\/)([^/?#]*@)?[^/?#]*(.*)$/is.exec(dialled) ?? [];
  if (scheme === undefined || error.serverReference === undefined) return [];
  return (
    error.serverReference
      .split(' ')
      .filter((reference) => REFERENCE.test(reference))
      // A reference names a server, also after a service.
      .map((reference) => `${scheme.replace('+srv', '')}${userinfo}${reference}${rest}`)
      .filter((url) => originOf(url) !== '')
  );
}
