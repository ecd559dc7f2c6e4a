import { ConnectError, ErrorCode } from '../errors.js';

/** The error for a URL that is none. Without a cause: the one that URL throws carries its input, password and all. */
export function invalidUrl(url: string, why: string): ConnectError {
  return new ConnectError(`the URL "${withoutSecrets(url)}" cannot be used: ${why}; write it like mqtt://host:1883`, {
    code: ErrorCode.INVALID_OPTION,
  });
}

/** What may be shown of a text that should be a URL: all but user name, password and query. */
export function withoutSecrets(url: string): string {
  return url.replace(/^([^:/?#]*:?\/\/)?.*@/s, '$1').replace(/[?#].*$/s, '');
}

/** Percent-encoding undone, where it is one. */
export function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
