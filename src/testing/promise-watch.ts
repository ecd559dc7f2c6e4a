import { defer, isObservable, Observable, tap } from 'rxjs';
import type { AuthData, AuthMechanism } from '../connection/auth-mechanism.js';

/** Tracks the promises that the parts of a test wait for. */
export class PromiseWatch {
  private readonly waiting = new Map<object, string>();

  /** The parts that wait for a promise, in words. */
  get pending(): readonly string[] {
    return [...new Set(this.waiting.values())];
  }

  /** Watches the result of a function if it is a promise; returns the result. */
  track<T>(result: T, what: string): T {
    if (!isThenable(result)) return result;
    const key = {};
    this.waiting.set(key, what);
    const settled = (): boolean => this.waiting.delete(key);
    result.then(settled, settled);
    return result;
  }

  /** Wraps a function or an object so that its results, or those of its methods, are watched. */
  watched<T extends object>(target: T, what: string): T {
    return new Proxy(target, {
      apply: (call, self, args) =>
        this.track(Reflect.apply(call as (...given: unknown[]) => unknown, self, args), what),
      get: (of, key) => {
        const value: unknown = Reflect.get(of, key, of);
        if (typeof value !== 'function' || !(key in of)) return value;
        // Called on the original, which has the private fields.
        return (...args: unknown[]): unknown => this.track(Reflect.apply(value, of, args), `${what}.${String(key)}`);
      },
    });
  }

  /** Watches the steps of a mechanism, which may wait for promises, directly or in Observables. */
  watchedAuth(mechanism: AuthMechanism, what: string): AuthMechanism {
    return {
      ...mechanism,
      method: mechanism.method,
      start: () => this.trackInput(mechanism.start(), what),
      ...(mechanism.next !== undefined && {
        next: (challenge$) => this.watchedAnswers(mechanism, challenge$, what),
      }),
      ...(mechanism.verify !== undefined && {
        verify: (data) => this.trackInput(mechanism.verify?.(data), what),
      }),
    };
  }

  /** Watches from each challenge to its answer. */
  private watchedAnswers(
    mechanism: AuthMechanism,
    challenge$: Observable<Uint8Array>,
    what: string,
  ): Observable<AuthData> {
    const asked: object[] = [];
    const ask = (): void => {
      const key = {};
      asked.push(key);
      this.waiting.set(key, what);
    };
    const answers = defer(() => mechanism.next?.(challenge$.pipe(tap(ask))) ?? []);
    return this.bracket(answers, () => asked.splice(0).forEach((key) => this.waiting.delete(key)));
  }

  /** Watches a promise, or an Observable until it has emitted or ended. */
  trackInput<T>(input: T, what: string): T {
    if (!isObservable(input)) return this.track(input, what);
    const watched = new Observable((subscriber) => {
      const key = {};
      this.waiting.set(key, what);
      return this.bracket(input, () => this.waiting.delete(key)).subscribe(subscriber);
    });
    return watched as T;
  }

  /** Calls back before each value is passed on, and at the end. */
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
