import { Observable } from 'rxjs';

/**
 * Errors with the signal's `reason` when it is aborted, or at once if it already is. Never emits and never completes.
 * Each subscription has one listener on the signal, and removes it on abort and on unsubscribe.
 *
 * ```ts
 * merge(client.subscribe('hall/#'), fromAbortSignal(AbortSignal.timeout(5000)))
 * ```
 */
export function fromAbortSignal(signal: AbortSignal): Observable<never> {
  return new Observable<never>((subscriber) => {
    const abort = (): void => subscriber.error(signal.reason);
    if (signal.aborted) {
      abort();
      return undefined;
    }
    signal.addEventListener('abort', abort, { once: true });
    return () => signal.removeEventListener('abort', abort);
  });
}
