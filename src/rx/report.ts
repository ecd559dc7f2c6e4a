import { throwError } from 'rxjs';

/** Reports an error that has no observer, as RxJS does: to `config.onUnhandledError`, or else thrown from a timer. */
export function report(error: unknown): void {
  throwError(() => error).subscribe();
}
