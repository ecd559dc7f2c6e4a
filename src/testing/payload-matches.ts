import { isBytes } from '../bytes.js';
import { decodeUtf8 } from '../utf8.js';
import { deepEqual, isAsymmetric } from './deep-equal.js';
import { toBytes } from './message.js';

/**
 * Whether the payload of a message is as expected: text, bytes, or a JSON value. A matcher of Jest or Vitest gets the
 * JSON value, or the text if it is not JSON. `undefined` matches any payload.
 */
export function payloadMatches(message: unknown, expected: unknown): boolean {
  if (expected === undefined) return true;
  const payload: unknown = Reflect.get(Object(message) as object, 'payload');
  if (!isBytes(payload)) return false;
  if (isAsymmetric(expected)) {
    const text = decodeUtf8(payload);
    return expected.asymmetricMatch(jsonOf(text)) || expected.asymmetricMatch(text);
  }
  if (deepEqual(payload, toBytes(expected))) return true;
  return typeof expected === 'object' && deepEqual(jsonOf(decodeUtf8(payload)), expected);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
