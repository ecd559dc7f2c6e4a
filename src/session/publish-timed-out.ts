import { TimeoutError } from '../errors.js';
import { quoted } from '../quoted.js';

/** The broker takes too long to acknowledge a message. */
export function publishTimedOut(topic: string, timeout: number): TimeoutError {
  return new TimeoutError(
    `publish to ${quoted(topic)} was not acknowledged within ${timeout} ms; the exchange itself goes on`,
  );
}
