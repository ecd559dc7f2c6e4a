import type { Observer } from 'rxjs';
import { report } from './report.js';

/** Notify an observer, if there is one. If it or its teardown throws, the error is reported and the caller goes on. */

export function safeNext<T>(observer: Pick<Observer<T>, 'next'>, value: T): void {
  try {
    observer.next(value);
  } catch (thrown) {
    report(thrown);
  }
}

/** Emits the only value, then completes. Without a closure: every message at QoS 1 and 2 ends here. */
export function safeResult<T>(observer: Pick<Observer<T>, 'next' | 'complete'> | undefined, value: T): void {
  try {
    observer?.next(value);
    observer?.complete();
  } catch (thrown) {
    report(thrown);
  }
}

export function safeComplete(observer: Pick<Observer<never>, 'complete'> | undefined): void {
  safely(() => observer?.complete());
}

export function safeError(observer: Pick<Observer<never>, 'error'> | undefined, error: object): void {
  safely(() => observer?.error(error));
}

export function safeEnd(observer: Pick<Observer<never>, 'error' | 'complete'> | undefined, error?: object): void {
  if (error === undefined) safeComplete(observer);
  else safeError(observer, error);
}

function safely(notify: () => void): void {
  try {
    notify();
  } catch (thrown) {
    report(thrown);
  }
}
