import { throwError } from 'rxjs';

/** As RxJS does with what nobody handles: `config.onUnhandledError`, or else thrown from a timer of its own. */
export function report(error: unknown): void {
  throwError(() => error).subscribe();
}
