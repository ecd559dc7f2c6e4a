import { catchError, isObservable, of, type Observable } from 'rxjs';
import type { AuthenticateRequest } from 'rxmqtt/broker';
import { ReasonCode } from '../packet/reason-codes.js';
import { BusyError, derive, HASH_LENGTH, HashQueue, newSalt } from './hash-queue.js';
import { KeyedDigest, PasswordCheck, type Secret } from './password-check.js';

const SCHEME = 'scrypt$';

/** A user's line in a users file, with the password as a salted scrypt hash: `name:scrypt$salt$hash`. */
export async function userLine(name: string, password: string): Promise<string> {
  const salt = newSalt();
  const hash = await derive(Buffer.from(password), salt);
  return `${name}:${SCHEME}${salt.toString('base64')}$${hash.toString('base64')}`;
}

/**
 * The authenticator of a users file. Each line is `name:scrypt$salt$hash`, as `rxmqtt passwd` prints it, or
 * `name:password`. Empty lines and lines that begin with `#` are ignored. Under too much load the answer is 0x9F; a
 * check that is unsubscribed from, because its connection is gone, is dropped.
 *
 * @throws Error with the number of an invalid line.
 */
export function usersOf(
  text: string,
  queue = new HashQueue(),
): (request: AuthenticateRequest) => boolean | Observable<boolean | number> {
  const users = new Map<string, Secret>();
  const digests = new KeyedDigest();
  text.split(/\r?\n/).forEach((line, index) => {
    if (line.trim() === '' || line.startsWith('#')) return;
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(colon, 0));
    const secret = name === '' ? undefined : secretOf(line.slice(colon + 1), digests);
    if (secret === undefined) throw new Error(`line ${index + 1} is not name:password; make it with rxmqtt passwd`);
    if (users.has(name)) throw new Error(`line ${index + 1} repeats a user; remove one of the lines`);
    users.set(name, secret);
  });
  const passwords = new PasswordCheck(users, digests, queue);
  return ({ username, password }) => {
    if (username === undefined || password === undefined) return false;
    const answer = passwords.check(username, password);
    return isObservable(answer) ? answer.pipe(catchError(busy)) : answer;
  };
}

function busy(error: unknown): Observable<number> {
  if (error instanceof BusyError) return of(ReasonCode.CONNECTION_RATE_EXCEEDED);
  throw error;
}

function secretOf(secret: string, digests: KeyedDigest): Secret | undefined {
  if (secret === '') return undefined;
  if (!secret.startsWith(SCHEME)) return { digest: digests.of(secret) };
  const [salt, hash, more] = secret
    .slice(SCHEME.length)
    .split('$')
    .map((part) => Buffer.from(part, 'base64'));
  if (salt === undefined || salt.length === 0 || hash?.length !== HASH_LENGTH || more !== undefined) return undefined;
  return { salt, hash };
}
