import type { IncomingMessage } from 'node:http';

/** The host names of this computer. */
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/**
 * Whether a page may connect: a page of the same host name, on any port, or an origin of the list. Browsers let a page
 * connect anywhere, but always send its origin; a client without an origin is not a page.
 *
 * @param allowed - further origins, such as `https://app.example`; `*` allows all.
 */
export function isOriginAllowed({ headers }: IncomingMessage, allowed: readonly string[]): boolean {
  const { origin, host } = headers;
  if (origin === undefined || allowed.includes('*') || allowed.includes(origin)) return true;
  const from = hostNameOf(origin);
  const to = hostNameOf(`http://${host}`);
  if (from === undefined || to === undefined) return false;
  return from === to || (LOOPBACK.test(from) && LOOPBACK.test(to));
}

/** Undefined for the origin `null` of local files and sandboxed frames. */
function hostNameOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).hostname : undefined;
}
