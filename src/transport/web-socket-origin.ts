import type { IncomingMessage } from 'node:http';

/** Whatever a page may be called that comes from this computer. */
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/**
 * Whether a page may connect: one of the same host name, whatever its port, or one of a list. Browsers always tell the
 * origin of a page, and let a page connect anywhere; what tells none is no page.
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

/** Undefined for `null`, which is the origin of local files and of sandboxed frames. */
function hostNameOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).hostname : undefined;
}
