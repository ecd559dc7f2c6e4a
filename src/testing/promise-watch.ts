import { from, isObservable, Observable } from 'rxjs';
import type { AuthMechanism } from '../connection/auth-mechanism.js';

/** Knows which promises the parts of a test are waiting for. */
export class PromiseWatch {
  private readonly waiting = new Map<object, string>();

  /** Who waits, and for what. */
  get pending(): readonly string[] {
    return [...new Set(this.waiting.values())];
  }

  /** Watches what a function returns; anything but a promise is handed on as it is. */
  track<T>(result: T, what: string): T {
    if (!isThenable(result)) return result;
    const key = {};
    this.waiting.set(key, what);
    const settled = (): boolean => this.waiting.delete(key);
    result.then(settled, settled);
    return result;
  }

  /** The same object or function; what it returns, or its methods do, is watched. */
  watched<T extends object>(target: T, what: string): T {
    return new Proxy(target, {
      apply: (call, self, args) =>
        this.track(Reflect.apply(call as (...given: unknown[]) => unknown, self, args), what),
      get: (of, key) => {
        const value: unknown = Reflect.get(of, key, of);
        if (typeof value !== 'function' || !(key in of)) return value;
        // Private fields are the original's.
        return (...args: unknown[]): unknown => this.track(Reflect.apply(value, of, args), `${what}.${String(key)}`);
      },
    });
  }

  /** A mechanism whose steps are watched: it may compute for a while, in promises or in Observables over them. */
  watchedAuth(mechanism: AuthMechanism, what: string): AuthMechanism {
    const { next, verify } = mechanism;
    return {
      method: mechanism.method,
      ...(mechanism.timeout !== undefined && { timeout: mechanism.timeout }),
      start: () => this.trackInput(mechanism.start(), what),
      ...(next !== undefined && {
        next: (challenge$) => {
          const asked: object[] = [];
          const answers = from(
            next.call(
              mechanism,
              new Observable((subscriber) =>
                challenge$.subscribe({
                  next: (challenge) => {
                    const key = {};
                    asked.push(key);
                    this.waiting.set(key, what);
                    subscriber.next(challenge);
                  },
                  error: (error) => subscriber.error(error),
                  complete: () => subscriber.complete(),
                }),
              ),
            ),
          );
          const over = (): void => asked.splice(0).forEach((key) => this.waiting.delete(key));
          return this.bracket(answers, over);
        },
      }),
      ...(verify !== undefined && { verify: (data) => this.trackInput(verify.call(mechanism, data), what) }),
    };
  }

  /** Watches a promise, or an Observable until it has emitted. */
  private trackInput<T>(input: T, what: string): T {
    if (!isObservable(input)) return this.track(input, what);
    const watched = new Observable((subscriber) => {
      const key = {};
      this.waiting.set(key, what);
      return this.bracket(input, () => this.waiting.delete(key)).subscribe(subscriber);
    });
    return watched as T;
  }

  /** Calls back at each value and at the end, just before it is handed on. */
  private bracket<T>(source: Observable<T>, then: () => void): Observable<T> {
    return new Observable<T>((subscriber) => {
      subscriber.add(then);
      return source.subscribe({
        next: (value) => {
          then();
          subscriber.next(value);
        },
        error: (error) => subscriber.error(error),
        complete: () => subscriber.complete(),
      });
    });
  }
}

const isThenable = (what: unknown): what is PromiseLike<unknown> =>
  typeof what === 'object' && what !== null && 'then' in what && typeof what.then === 'function';
