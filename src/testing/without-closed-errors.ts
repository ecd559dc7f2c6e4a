import { config } from 'rxjs';
import { ClosedError } from '../errors.js';

/** What still waits for an answer when the kit ends the clients errors then, and is no failure of the test. */
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
