import { callback, checkOptions, type Checks, numberIn, unchecked } from '../options/check-options.js';
import type { AuthMechanism } from './auth-mechanism.js';
import { ScramExchange, type ScramOptions } from './scram-exchange.js';

const iterations = numberIn(1, 0xffff_ffff, 'iterations', true);

const KNOWN: Checks<ScramOptions> = {
  username: unchecked,
  password: unchecked,
  minIterations: iterations,
  maxIterations: iterations,
  nonce: callback,
};

/**
 * SCRAM-SHA-256 (RFC 5802, RFC 7677): the password never leaves the client, and the broker proves that it knows it too.
 * Needs Web Crypto, which browsers provide on secure pages only.
 *
 * User name and password are normalised by NFKC, the part of SASLprep that matters in practice. Control characters are
 * refused.
 *
 * @example
 * ```ts
 * const client = connect('mqtts://broker.example', { auth: scramSha256({ username: 'hall-7', password }) });
 * ```
 * @throws TypeError for an unknown option, and for an unusable user name or password.
 */
export function scramSha256(given: ScramOptions): () => AuthMechanism {
  const options = checkOptions<ScramOptions>(given, KNOWN, 'scramSha256');
  const username = prepared(options.username, 'username').replace(/=/g, '=3D').replace(/,/g, '=2C');
  const password = prepared(options.password, 'password');
  return () => new ScramExchange(username, password, options);
}

function prepared(text: string, name: string): string {
  if (typeof text !== 'string' || text === '') throw new TypeError(`scramSha256: ${name} must be a non-empty string`);
  if (/\p{Cc}/u.test(text)) throw new TypeError(`scramSha256: ${name} holds a control character`);
  return text.normalize('NFKC');
}
