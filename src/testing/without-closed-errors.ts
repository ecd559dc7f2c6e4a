import { config } from 'rxjs';
import { ClosedError } from '../errors.js';

/** Ignores the errors of requests that are open when the kit ends the clients, because they must not fail the test. */
export function withoutClosedErrors(action: () => void): void {
  const { onUnhandledError } = config;
  config.onUnhandledError = (error: unknown) => {
    if (error instanceof ClosedError) return;
    if (onUnhandledError === null) throw error;
    onUnhandledError(error);
  };
  try {
    action();
  } finally {
    config.onUnhandledError = onUnhandledError;
  }
}
