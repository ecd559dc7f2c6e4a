import fc from 'fast-check';
import type * as Utf8 from '../src/utf8.js';

/** As some polyfills are: no strict decoder. */
class LenientDecoder extends TextDecoder {
  constructor(label?: string, options: TextDecoderOptions = {}) {
    if (options.fatal === true) throw new Error("the 'fatal' option is unsupported");
    super(label, options);
  }
}

/** The module as it finds the platform at its first use. */
function load(withBuffer: boolean, decoder: typeof TextDecoder | null = TextDecoder): typeof Utf8 {
  const { Buffer: kept, TextDecoder: keptDecoder } = globalThis;
  let loaded: typeof Utf8 | undefined;
  try {
    if (!withBuffer) Object.assign(globalThis, { Buffer: undefined, TextDecoder: decoder ?? undefined });
    jest.isolateModules(() => {
      loaded = require('../src/utf8') as typeof Utf8;
      // It looks for what is there at the first use.
      loaded.encodeUtf8('');
    });
  } finally {
    Object.assign(globalThis, { Buffer: kept, TextDecoder: keptDecoder });
  }
  return loaded!;
}

const bytesOf = (...bytes: number[]): Uint8Array => new Uint8Array(bytes);

describe.each([
  ['with Buffer', true, TextDecoder],
  ['without Buffer', false, TextDecoder],
  ['without Buffer and without a strict decoder', false, LenientDecoder],
])('UTF-8 %s', (_, withBuffer, decoder) => {
  const { decodeUtf8, encodeUtf8, isWellFormed, missingForText, readUtf8, utf8Length, writeUtf8 } = load(
    withBuffer,
    decoder,
  );

  it('lacks nothing', () => {
    expect(missingForText()).toEqual([]);
  });

  it('writes, measures, encodes and reads every well-formed text alike', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (text) => {
        const expected = new TextEncoder().encode(text);
        const target = new Uint8Array(expected.length + 5).fill(0x55);
        expect(utf8Length(text)).toBe(expected.length);
        expect(writeUtf8(text, target, 3)).toBe(3 + expected.length);
        expect(target.subarray(3, 3 + expected.length)).toEqual(expected);
        expect(Array.from(target.subarray(0, 3))).toEqual([0x55, 0x55, 0x55]);
        expect(Array.from(target.subarray(3 + expected.length))).toEqual([0x55, 0x55]);
        expect(Array.from(encodeUtf8(text))).toEqual(Array.from(expected));
        expect(decodeUtf8(target, 3, 3 + expected.length)).toBe(text);
        expect(readUtf8(target, 3, 3 + expected.length)).toBe(text.includes('\0') ? undefined : text);
        expect(isWellFormed(text)).toBe(true);
      }),
    );
  });

  it('reads into and out of a Buffer as of any other Uint8Array', () => {
    const target = Buffer.alloc(12);
    expect(writeUtf8('gr\u00fc\u00dfe', target, 1)).toBe(8);
    expect(readUtf8(target, 1, 8)).toBe('gr\u00fc\u00dfe');
    expect(decodeUtf8(target, 1, 8)).toBe('gr\u00fc\u00dfe');
  });

  it('[v5 MQTT-1.5.4-3] keeps a leading U+FEFF', () => {
    const bytes = bytesOf(0xef, 0xbb, 0xbf, 0x61);
    expect(readUtf8(bytes, 0, 4)).toBe('\ufeffa');
    expect(decodeUtf8(bytes)).toBe('\ufeffa');
  });

  it.each([
    ['U+0000', [0x61, 0, 0x62]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['an overlong form', [0xc0, 0x80]],
    ['a lone continuation byte', [0x80]],
    ['a cut sequence', [0x61, 0xe2, 0x82]],
    ['a code point above U+10FFFF', [0xf4, 0x90, 0x80, 0x80]],
  ])('[v5 MQTT-1.5.4-1, MQTT-1.5.4-2] reads strictly: refuses %s', (_what, bytes) => {
    expect(readUtf8(bytesOf(...bytes), 0, bytes.length)).toBeUndefined();
  });

  it('decodes leniently: invalid bytes become U+FFFD', () => {
    expect(decodeUtf8(bytesOf(0x61, 0xff, 0x62))).toBe('a\ufffdb');
  });

  it.each(['\ud800', 'a\udc00', '\ud800\ud800\udc00', '\udc00\ud800'])('finds the lone surrogate in %j', (text) => {
    expect(isWellFormed(text)).toBe(false);
  });

  it('measures the bytes that it writes for a lone surrogate', () => {
    const target = new Uint8Array(40);
    for (const text of ['\ud800', 'ab\udc00cd', '\ud800\ud800\udc00']) {
      expect(writeUtf8(text, target, 0)).toBe(utf8Length(text));
    }
  });
});

it('UTF-8 without Buffer and TextDecoder names the missing classes until they are there', () => {
  const { missingForText } = load(false, null);
  const { Buffer: kept, TextDecoder: keptDecoder } = globalThis;
  try {
    Object.assign(globalThis, { Buffer: undefined, TextDecoder: undefined });
    expect(missingForText()).toEqual(['TextDecoder']);
    Object.assign(globalThis, { TextDecoder: LenientDecoder });
    expect(missingForText()).toEqual([]);
  } finally {
    Object.assign(globalThis, { Buffer: kept, TextDecoder: keptDecoder });
  }
});
