/**
 * UTF-8 by MQTT's rules (section 1.5.4): a leading U+FEFF is an ordinary character and stays [MQTT-1.5.4-3]; U+0000 and
 * lone surrogates are forbidden.
 *
 * Node's Buffer methods work on any Uint8Array and are several times faster than TextEncoder and TextDecoder on short
 * strings. Without Buffer, the Web APIs are used.
 */

interface NativeText {
  utf8Slice(this: Uint8Array, start: number, end: number): string;
  latin1Slice(this: Uint8Array, start: number, end: number): string;
  utf8Write(this: Uint8Array, text: string, at: number): number;
}

let native: NativeText | undefined;
let lenient: TextDecoder | undefined;
let strict: TextDecoder | undefined;
let encoder: TextEncoder | undefined;
let isReady = false;

/** At first use, because a test may still be setting up the platform when it imports the library. */
function prepare(): void {
  native = findNative();
  lenient = decoder(false);
  strict = decoder(true);
  encoder = typeof TextEncoder === 'undefined' ? undefined : new TextEncoder();
  // A polyfill may be there at the next use.
  isReady = missing().length === 0;
}

/** The classes for text conversion that this platform lacks. */
export function missingForText(): readonly string[] {
  if (!isReady) prepare();
  return missing();
}

function missing(): readonly string[] {
  if (native !== undefined) return [];
  return [...(lenient === undefined ? ['TextDecoder'] : []), ...(encoder === undefined ? ['TextEncoder'] : [])];
}

/** Up to this length a loop is faster than a native call. */
const SHORT = 24;

function findNative(): NativeText | undefined {
  if (typeof Buffer === 'undefined') return undefined;
  // A bundler's Buffer may lack these methods, or support them on its own instances only.
  const methods = Buffer.prototype as unknown as Partial<NativeText>;
  const { utf8Slice, latin1Slice, utf8Write } = methods;
  if (utf8Slice === undefined || latin1Slice === undefined || utf8Write === undefined) return undefined;
  try {
    const probe = new Uint8Array([0x61, 0xc3, 0xa9]);
    if (utf8Slice.call(probe, 0, 3) !== 'a\u00e9' || latin1Slice.call(probe, 0, 1) !== 'a') return undefined;
    if (utf8Write.call(probe, '\u00e9', 1) !== 2) return undefined;
    return { utf8Slice, latin1Slice, utf8Write };
  } catch {
    return undefined;
  }
}

/**
 * Undefined in jsdom, which has no TextDecoder; Buffer converts there. Some polyfills have no strict mode, and throw.
 */
function decoder(fatal: boolean): TextDecoder | undefined {
  if (typeof TextDecoder === 'undefined') return undefined;
  try {
    return new TextDecoder('utf-8', { ignoreBOM: true, fatal });
  } catch {
    return undefined;
  }
}

/** @throws TypeError for malformed UTF-8: decoded and encoded again, the bytes differ. */
function decodeStrictly(bytes: Uint8Array): string {
  if (!isReady) prepare();
  if (strict !== undefined) return strict.decode(bytes);
  const text = decodeUtf8(bytes);
  const again = encodeUtf8(text);
  if (again.length === bytes.length && again.every((byte, at) => byte === bytes[at])) return text;
  throw new TypeError('not well-formed UTF-8');
}

/** Decodes leniently: malformed bytes become U+FFFD, and a byte order mark is kept. */
export function decodeUtf8(bytes: Uint8Array, start = 0, end = bytes.length): string {
  if (!isReady) prepare();
  if (native !== undefined) return native.utf8Slice.call(bytes, start, end);
  return (lenient as TextDecoder).decode(bytes.subarray(start, end));
}

/** Decodes strictly: undefined for bytes that are not well-formed UTF-8 (surrogates included) or hold U+0000. */
export function readUtf8(bytes: Uint8Array, start: number, end: number): string | undefined {
  if (!isReady) prepare();
  let seen = 0;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number;
    if (byte === 0) return undefined;
    seen |= byte;
  }
  if (seen < 0x80 && native !== undefined) return native.latin1Slice.call(bytes, start, end);
  try {
    return decodeStrictly(bytes.subarray(start, end));
  } catch {
    return undefined;
  }
}

/** Whether the bytes are well-formed UTF-8. */
export function isUtf8(bytes: Uint8Array): boolean {
  try {
    decodeStrictly(bytes);
    return true;
  } catch {
    return false;
  }
}

/** The length of the text in UTF-8 bytes. */
export function utf8Length(text: string): number {
  if (!isReady) prepare();
  if (native !== undefined) return Buffer.byteLength(text, 'utf8');
  let length = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit < 0x80) length += 1;
    else if (unit < 0x800) length += 2;
    else if (isHighSurrogate(unit) && isLowSurrogate(text.charCodeAt(at + 1))) {
      length += 4;
      at++;
    } else length += 3;
  }
  return length;
}

/** Writes the text at a position with enough room and returns the end position. */
export function writeUtf8(text: string, bytes: Uint8Array, at: number): number {
  const { length } = text;
  if (length <= SHORT) {
    let index = 0;
    for (; index < length; index++) {
      const unit = text.charCodeAt(index);
      if (unit >= 0x80) break;
      bytes[at + index] = unit;
    }
    if (index === length) return at + length;
  }
  if (!isReady) prepare();
  if (native !== undefined) return at + native.utf8Write.call(bytes, text, at);
  return at + (encoder as TextEncoder).encodeInto(text, bytes.subarray(at)).written;
}

/** True if every surrogate is part of a pair. */
export function isWellFormed(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (isLowSurrogate(unit)) return false;
    if (!isHighSurrogate(unit)) continue;
    if (!isLowSurrogate(text.charCodeAt(at + 1))) return false;
    at++;
  }
  return true;
}

export function encodeUtf8(text: string): Uint8Array {
  if (!isReady) prepare();
  if (native !== undefined) return Buffer.from(text, 'utf8');
  return (encoder as TextEncoder).encode(text);
}

function isHighSurrogate(unit: number): boolean {
  return (unit & 0xfc00) === 0xd800;
}

function isLowSurrogate(unit: number): boolean {
  return (unit & 0xfc00) === 0xdc00;
}
