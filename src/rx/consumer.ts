import { type Observer, Subscriber, throwError } from 'rxjs';

/** An application's own function or observer. */
export type Target<T> = ((value: T) => void) | Partial<Observer<T>>;

/** Whether it is the application's own: what RxJS made, and Subjects, can be closed. */
export function isOwn<T>(target: Target<T> | null | undefined): target is Target<T> {
  return typeof target === 'function' || (typeof target === 'object' && target !== null && !('closed' in target));
}

/**
 * The end of a pipeline that has no operators: the application's own function, or its observer, as one object where
 * RxJS makes three. Where a pipeline carries one value, or there are very many of them, these are most of what it costs.
 */
export class Consumer<T> extends Subscriber<T> {
  constructor(protected readonly target: Target<T>) {
    super();
  }

  protected override _next(value: T): void {
    const { target } = this;
    try {
      if (typeof target === 'function') target(value);
      else target.next?.(value);
    } catch (error) {
      report(error);
    }
  }

  protected override _error(error: unknown): void {
    const { target } = this;
    try {
      if (typeof target !== 'function' && target.error) target.error(error);
      else report(error);
    } catch (thrown) {
      report(thrown);
    } finally {
      this.unsubscribe();
    }
  }

  protected override _complete(): void {
    const { target } = this;
    try {
      if (typeof target !== 'function') target.complete?.();
    } catch (error) {
      report(error);
    } finally {
      this.unsubscribe();
    }
  }
}

/** As RxJS does with what nobody handles: `config.onUnhandledError`, or else thrown from a timer of its own. */
export function report(error: unknown): void {
  throwError(() => error).subscribe();
}
