import type { Observer } from 'rxjs';
import { report } from './report.js';

/** An application's own function or observer. What it throws is reported, as RxJS does it, and goes no further. */
export type Consumer<T> = ((value: T) => void) | Partial<Observer<T>>;

/** Whether it is the application's own: what RxJS made, and Subjects, can be closed. */
export function isOwn<T>(target: Consumer<T> | null | undefined): target is Consumer<T> {
  return typeof target === 'function' || (typeof target === 'object' && target !== null && !('closed' in target));
}

export function consume<T>(consumer: Consumer<T>, value: T): void {
  try {
    if (typeof consumer === 'function') consumer(value);
    else consumer.next?.(value);
  } catch (error) {
    report(error);
  }
}

export function consumeError<T>(consumer: Consumer<T>, error: unknown): void {
  try {
    if (typeof consumer !== 'function' && consumer.error) consumer.error(error);
    else report(error);
  } catch (thrown) {
    report(thrown);
  }
}

export function consumeEnd<T>(consumer: Consumer<T>): void {
  try {
    if (typeof consumer !== 'function') consumer.complete?.();
  } catch (error) {
    report(error);
  }
}
