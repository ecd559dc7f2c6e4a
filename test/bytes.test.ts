import { runInNewContext } from 'node:vm';
import { isArrayBuffer, isBytes } from '../src/bytes.js';

const foreign = (code: string): unknown => runInNewContext(code) as unknown;

describe('isBytes', () => {
  it('knows a Uint8Array of any realm, and a Buffer', () => {
    for (const bytes of [Uint8Array.of(1), Buffer.from('x'), foreign('Uint8Array.of(1)')])
      expect(isBytes(bytes)).toBe(true);
  });

  it('takes nothing else', () => {
    const others = [undefined, null, 'x', [1], {}, new Uint16Array(1), foreign('new DataView(new ArrayBuffer(1))')];
    const disguised = { [Symbol.toStringTag]: 'Uint8Array' };
    for (const value of [...others, disguised, foreign('new ArrayBuffer(1)')]) expect(isBytes(value)).toBe(false);
  });
});

describe('isArrayBuffer', () => {
  it('knows one of any realm', () => {
    expect(isArrayBuffer(new ArrayBuffer(1))).toBe(true);
    expect(isArrayBuffer(foreign('new ArrayBuffer(1)'))).toBe(true);
    expect(isArrayBuffer(Uint8Array.of(1))).toBe(false);
  });
});
