import { throwError } from 'rxjs';

/** Reports an unhandled error as RxJS does: to `config.onUnhandledError`, or thrown from a timer. */
export function report(error: unknown): void {
  throwError(() => error).subscribe();
}
