import { config } from 'rxjs';
import { ClosedError } from '../errors.js';

/** Requests that are open when the kit ends the clients error then. That does not fail the test. */
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
