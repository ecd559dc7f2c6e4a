import type { Observer } from 'rxjs';
import { report } from './report.js';

/**
 * These notify an observer, where there is one, so that a teardown of the application that throws does no harm: it is
 * reported, and the others are still notified.
 */

/** Emits the only value, then completes. */
export function safeResult<T>(observer: Pick<Observer<T>, 'next' | 'complete'> | undefined, value: T): void {
  safely(() => {
    observer?.next(value);
    observer?.complete();
  });
}

export function safeComplete(observer: Pick<Observer<never>, 'complete'> | undefined): void {
  safely(() => observer?.complete());
}

export function safeError(observer: Pick<Observer<never>, 'error'> | undefined, error: object): void {
  safely(() => observer?.error(error));
}

/** Completes, or errors where there is an error. */
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
