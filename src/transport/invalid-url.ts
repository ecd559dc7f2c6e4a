import { ConnectError, ErrorCode } from '../errors.js';

/** The error for an invalid URL. It has no cause, because URL's own error carries its input, password included. */
export function invalidUrl(url: string, why: string): ConnectError {
  return new ConnectError(`the URL "${redacted(url)}" cannot be used: ${why}; write it like mqtt://host:1883`, {
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
