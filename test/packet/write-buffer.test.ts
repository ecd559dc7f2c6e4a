import fc from 'fast-check';
import { BY_REFERENCE_FROM, WriteBuffer } from '../../src/packet/write-buffer.js';

describe('WriteBuffer', () => {
  it('hands over everything once and in order, however it is added and taken', () => {
    const step = fc.oneof(
      fc.integer({ min: 1, max: 300 }).map((size) => ({ kind: 'write' as const, size })),
      fc.constantFrom(1, 100, BY_REFERENCE_FROM, 70_000).map((size) => ({ kind: 'append' as const, size })),
      fc.constant({ kind: 'take' as const, size: 0 }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const out = new WriteBuffer(1024);
        const given: Uint8Array[] = [];
        const taken: Uint8Array[] = [];
        steps.forEach(({ kind, size }, at) => {
          const bytes = new Uint8Array(size).fill(at);
          if (kind === 'take') {
            taken.push(...out.take());
            expect(out.length).toBe(0);
            return;
          }
          given.push(bytes);
          if (kind === 'append') return out.append(bytes);
          out.reserve(size);
          out.bytes.set(bytes, out.position);
          out.position += size;
        });
        taken.push(...out.take());
        expect(Buffer.concat(taken).equals(Buffer.concat(given))).toBe(true);
        expect(out.taken).toBe(Buffer.concat(given).length);
      }),
    );
  });

  it('does not keep the block of a large packet after handing it over', () => {
    const out = new WriteBuffer(1024);
    out.reserve(500_000);
    out.position += 500_000;
    expect(out.take()[0]).toHaveLength(500_000);
    out.reserve(1);
    expect(out.bytes.length).toBeLessThanOrEqual(1024);
  });
});
