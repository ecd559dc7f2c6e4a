import type { Observer } from 'rxjs';
import { report } from './consumer.js';

/** Tells an observer of its end. What a teardown of the application throws is reported: others are to be told, too. */
export function conclude(observer: Pick<Observer<never>, 'error' | 'complete'>, error?: unknown): void {
  try {
    if (error === undefined) observer.complete();
    else observer.error(error);
  } catch (thrown) {
    report(thrown);
  }
}
