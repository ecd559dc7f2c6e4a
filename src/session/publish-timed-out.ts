import { TimeoutError } from '../errors.js';
import { quoted } from '../quoted.js';

/** The error for an acknowledgement that takes too long. */
export function publishTimedOut(topic: string, timeout: number): TimeoutError {
  return new TimeoutError(
    `publish to ${quoted(topic)} was not acknowledged within ${timeout} ms; the exchange continues`,
  );
}
