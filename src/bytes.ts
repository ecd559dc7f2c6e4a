import { encodeUtf8 } from './utf8.js';

/**
 * jsdom, `vm` contexts and frames have constructors of their own, which `instanceof` does not recognise. The tag of a
 * buffer or a typed array is the same everywhere.
 */
export const tagOf = (value: unknown): string => Object.prototype.toString.call(value);

/** Whether this is a `Uint8Array`, of any realm. */
export const isBytes = (value: unknown): value is Uint8Array =>
  value instanceof Uint8Array || (ArrayBuffer.isView(value) && tagOf(value) === '[object Uint8Array]');

/** Whether this is an `ArrayBuffer`, of any realm. */
export const isArrayBuffer = (value: unknown): value is ArrayBuffer => tagOf(value) === '[object ArrayBuffer]';

/** The bytes of a text, a buffer or a view of one, uncopied where that is possible; undefined for anything else. */
export function asBytes(value: unknown): Uint8Array | undefined {
  if (typeof value === 'string') return encodeUtf8(value);
  if (isBytes(value)) return value;
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  return isArrayBuffer(value) ? new Uint8Array(value) : undefined;
}

/** Joins the chunks into one array; a single chunk is returned as it is. */
export function concatChunks(chunks: readonly Uint8Array[]): Uint8Array {
  const [only] = chunks;
  if (only !== undefined && chunks.length === 1) return only;
  let length = 0;
  for (const chunk of chunks) length += chunk.length;
  const whole = new Uint8Array(length);
  let position = 0;
  for (const chunk of chunks) {
    whole.set(chunk, position);
    position += chunk.length;
  }
  return whole;
}
