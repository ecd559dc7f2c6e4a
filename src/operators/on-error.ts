import { type Check, that } from '../options/check-options.js';

/** Checks an option `onError`: `'error'`, one other word, or a function. */
export function onErrorOr(word: string): Check {
  return that(
    (value) => value === 'error' || value === word || typeof value === 'function',
    `'error', '${word}' or a function`,
  );
}
