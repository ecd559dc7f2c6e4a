import { randomBytes, scrypt } from 'node:crypto';
import { Observable } from 'rxjs';

/** The cost of a hash: about 50 ms and 16 MiB. */
const COST = { N: 16_384, r: 8, p: 1 } as const;
export const HASH_LENGTH = 32;

/** How many hashes to compute at a time: half of Node's threads, so that the store keeps the others. */
const AT_A_TIME = 2;
/** How many further hashes may wait: a few seconds of work. */
const MOST_WAITING = 32;

/** Too many hashes are waiting. */
export class BusyError extends Error {}

/** A salted scrypt hash. */
export function derive(password: Uint8Array, salt: Uint8Array): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password, salt, HASH_LENGTH, COST, (error, key) => (error === null ? resolve(key) : reject(error)));
  });
}

export const newSalt = (): Buffer => randomBytes(16);

/** Computes hashes in order, a few at a time, because they are expensive and any client can cause one. */
export class HashQueue {
  private running = 0;
  private readonly waiting = new Set<() => void>();

  constructor(private readonly hash: typeof derive = derive) {}

  /**
   * Emits the hash once; errors with {@link BusyError} when too many wait. Unsubscribing drops a waiting hash; a hash
   * that has begun is computed to its end.
   */
  derive(password: Uint8Array, salt: Uint8Array): Observable<Buffer> {
    return new Observable((subscriber) => {
      const start = (): void => {
        this.running++;
        this.hash(password, salt)
          .then(
            (hash) => {
              subscriber.next(hash);
              subscriber.complete();
            },
            (error: unknown) => subscriber.error(error),
          )
          .finally(() => this.finished());
      };
      if (this.running < AT_A_TIME) return start();
      if (this.waiting.size >= MOST_WAITING) return subscriber.error(new BusyError('too many hashes wait already'));
      this.waiting.add(start);
      return () => this.waiting.delete(start);
    });
  }

  private finished(): void {
    this.running--;
    const [next] = this.waiting;
    if (next === undefined) return;
    this.waiting.delete(next);
    next();
  }
}
