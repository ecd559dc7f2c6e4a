import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { finalize, map, type Observable, share, tap } from 'rxjs';
import { HASH_LENGTH, newSalt, type HashQueue } from './hash-queue.js';

/** The stored password of a user: a digest of the plain password, or a salted scrypt hash. */
export type Secret = { readonly digest: Buffer } | { readonly salt: Buffer; readonly hash: Buffer };

/** Digests with a key of this process, which compare passwords without revealing them. */
export class KeyedDigest {
  private readonly key = randomBytes(32);

  of(...parts: readonly (string | Uint8Array)[]): Buffer {
    const hmac = createHmac('sha256', this.key);
    // A user name holds no U+0000.
    for (const part of parts) hmac.update(part).update('\0');
    return hmac.digest();
  }
}

/**
 * Checks passwords. Concurrent checks of the same name and password share one hash, and a correct password is
 * remembered by its digest. An unknown user takes as much time as a known one, so that timing does not reveal names.
 */
export class PasswordCheck {
  /** The digests of correct names and passwords, by name. */
  private readonly verified = new Map<string, Buffer>();
  /** The running checks, by the digest of name and password. */
  private readonly checking = new Map<string, Observable<boolean>>();
  private readonly hasHashes: boolean;
  /** Random stand-ins for the passwords of unknown users. */
  private readonly noDigest: { readonly digest: Buffer } = { digest: randomBytes(HASH_LENGTH) };
  private readonly noHash = { salt: newSalt(), hash: randomBytes(HASH_LENGTH) };

  constructor(
    private readonly users: ReadonlyMap<string, Secret>,
    private readonly digests: KeyedDigest,
    private readonly queue: HashQueue,
  ) {
    this.hasHashes = [...users.values()].some((secret) => 'hash' in secret);
  }

  /**
   * Whether the password is right, at once or emitted once; the Observable errors with `BusyError` when too many ask.
   */
  check(name: string, password: Uint8Array): boolean | Observable<boolean> {
    const secret = this.users.get(name) ?? (this.hasHashes ? this.noHash : this.noDigest);
    if (!this.hasHashes && 'digest' in secret) return this.isPlain(password, secret.digest);
    const digest = this.digests.of(name, password);
    const right = this.verified.get(name);
    if (right !== undefined && timingSafeEqual(right, digest)) return true;
    const key = digest.toString('base64');
    let answer$ = this.checking.get(key);
    if (answer$ === undefined) {
      answer$ = this.compute(name, secret, password, digest).pipe(
        finalize(() => this.checking.delete(key)),
        share(),
      );
      this.checking.set(key, answer$);
    }
    return answer$;
  }

  private compute(name: string, secret: Secret, password: Uint8Array, digest: Buffer): Observable<boolean> {
    // A plain password among hashed ones takes the time of a hash, too.
    const { salt } = 'hash' in secret ? secret : this.noHash;
    return this.queue.derive(password, salt).pipe(
      map((hash) => ('hash' in secret ? timingSafeEqual(hash, secret.hash) : this.isPlain(password, secret.digest))),
      tap((isRight) => {
        if (isRight) this.verified.set(name, digest);
      }),
    );
  }

  /** Digests have one length, which the comparison in constant time needs. */
  private isPlain(password: Uint8Array, digest: Buffer): boolean {
    return timingSafeEqual(this.digests.of(password), digest);
  }
}
