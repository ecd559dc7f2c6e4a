import { createHmac, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import type { AuthenticateRequest } from '../broker/index.js';

/** The cost of a hash: about 50 ms and 16 MiB. */
const COST = { N: 16_384, r: 8, p: 1 } as const;
const LENGTH = 32;
const SCHEME = 'scrypt$';

type Verify = (password: Uint8Array) => boolean | Promise<boolean>;

/** A user's line in a users file, with the password as a salted scrypt hash: `name:scrypt$salt$hash`. */
export async function userLine(name: string, password: string): Promise<string> {
  const salt = randomBytes(16);
  const hash = await derive(Buffer.from(password), salt);
  return `${name}:${SCHEME}${salt.toString('base64')}$${hash.toString('base64')}`;
}

/**
 * The authenticator of a users file. Each line is `name:scrypt$salt$hash`, as `rxmqtt passwd` prints it, or
 * `name:password`. Empty lines and lines that begin with `#` are ignored.
 *
 * @throws Error with the number of an invalid line.
 */
export function usersOf(text: string): (request: AuthenticateRequest) => Promise<boolean> {
  const users = new Map<string, Verify>();
  text.split(/\r?\n/).forEach((line, index) => {
    if (line.trim() === '' || line.startsWith('#')) return;
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(colon, 0));
    const verify = name === '' ? undefined : verifierOf(line.slice(colon + 1));
    if (verify === undefined) throw new Error(`line ${index + 1} is not name:password; make it with rxmqtt passwd`);
    if (users.has(name)) throw new Error(`line ${index + 1} repeats a user; remove one of the lines`);
    users.set(name, verify);
  });
  // An unknown user costs as much time as a known one, so that timing does not reveal names.
  const unknownUser = hashVerifier(randomBytes(16), randomBytes(LENGTH));
  return async ({ username, password }) => {
    if (username === undefined || password === undefined) return false;
    return (users.get(username) ?? unknownUser)(password);
  };
}

function verifierOf(secret: string): Verify | undefined {
  if (secret === '') return undefined;
  if (!secret.startsWith(SCHEME)) return plainVerifier(secret);
  const [salt, hash, more] = secret
    .slice(SCHEME.length)
    .split('$')
    .map((part) => Buffer.from(part, 'base64'));
  if (salt === undefined || salt.length === 0 || hash?.length !== LENGTH || more !== undefined) return undefined;
  return hashVerifier(salt, hash);
}

function hashVerifier(salt: Buffer, hash: Buffer): Verify {
  return async (password) => timingSafeEqual(await derive(password, salt), hash);
}

/** The constant-time comparison needs digests of equal length. */
function plainVerifier(secret: string): Verify {
  const key = randomBytes(32);
  const digest = (data: string | Uint8Array): Buffer => createHmac('sha256', key).update(data).digest();
  const expected = digest(secret);
  return (password) => timingSafeEqual(digest(password), expected);
}

function derive(password: Uint8Array, salt: Uint8Array): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password, salt, LENGTH, COST, (error, key) => (error === null ? resolve(key) : reject(error)));
  });
}
