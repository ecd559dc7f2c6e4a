import type { Observer } from 'rxjs';
import { report } from './report.js';

/** Gives an observer, where there is one, its only value, and ends it as {@link conclude} does. */
export function settle<T>(observer: Pick<Observer<T>, 'next' | 'complete'> | undefined, value: T): void {
  try {
    observer?.next(value);
    observer?.complete();
  } catch (thrown) {
    report(thrown);
  }
}

/**
 * Tells an observer, where there is one, of its end. What a teardown of the application throws is reported: others are
 * to be told, too.
 */
export function conclude(observer: Pick<Observer<never>, 'error' | 'complete'> | undefined, error?: unknown): void {
  try {
    if (error === undefined) observer?.complete();
    else observer?.error(error);
  } catch (thrown) {
    report(thrown);
  }
}
