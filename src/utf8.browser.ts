/** UTF-8 in browsers by the Web's own routines alone; see `utf8.ts`. */

const lenient = /* @__PURE__ */ new TextDecoder('utf-8', { ignoreBOM: true });
const strict = /* @__PURE__ */ new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });
const encoder = /* @__PURE__ */ new TextEncoder();

export function decodeUtf8(bytes: Uint8Array, start = 0, end = bytes.length): string {
  return lenient.decode(bytes.subarray(start, end));
}

export function readUtf8(bytes: Uint8Array, start: number, end: number): string | undefined {
  try {
    const text = strict.decode(bytes.subarray(start, end));
    return text.includes('\0') ? undefined : text;
  } catch {
    return undefined;
  }
}

export function isUtf8(bytes: Uint8Array): boolean {
  try {
    strict.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

export function utf8Length(text: string): number {
  return encodeUtf8(text).length;
}

export function writeUtf8(text: string, bytes: Uint8Array, at: number): number {
  return at + encoder.encodeInto(text, bytes.subarray(at)).written;
}

/** A surrogate that has its other half is part of a character, and is not found by this. */
export function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

export function encodeUtf8(text: string): Uint8Array {
  return encoder.encode(text);
}
