import { ConnectError, ErrorCode } from '../errors.js';

/**
 * Whether the user name or the password is not percent-encoded: then an `@` follows a character that ends the host. A
 * URL parser reads `user:12#3@host` as host `user` and port 12. WebSocket URLs may have an `@` in their path or query,
 * unless the part before it could be a user name and the beginning of a password.
 */
export function hasRawCredentials(url: string): boolean {
  const [, scheme = '', authority = '', rest = ''] = /^([a-z][a-z\d+.-]*):\/\/([^/?#]*)(.*)$/is.exec(url) ?? [];
  if (!/^wss?$/i.test(scheme)) return rest.includes('@');
  return (/[:@]/.test(authority) ? /^\/[^?#]*@|^\?.*@|#.*@/s : /#.*@/s).test(rest);
}

/** The error for an invalid URL. It has no cause, because URL's own error carries its input, password included. */
export function invalidUrl(url: string, why: string): ConnectError {
  const hint = hasRawCredentials(url)
    ? 'percent-encode / ? # and @ in the user name and the password (encodeURIComponent), or give them as options'
    : 'write it like mqtt://host:1883';
  return new ConnectError(`the URL "${redacted(url)}" cannot be used: ${why}; ${hint}`, {
    code: ErrorCode.INVALID_OPTION,
  });
}

/** The part of an invalid URL that may be shown: without user name, password and query. */
export function redacted(url: string): string {
  return url.replace(/^([^:/?#]*:?\/\/)?.*@/s, '$1').replace(/[?#].*$/s, '');
}

/** Decodes percent-encoding; returns anything else unchanged. */
export function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
