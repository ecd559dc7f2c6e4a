import fc from 'fast-check';
import { PacketIds } from '../../src/session/packet-ids.js';

describe('PacketIds', () => {
  it('[v5 MQTT-2.2.1-3] are handed out round robin, from 1 to 65535', () => {
    const ids = new PacketIds();
    const all = Array.from({ length: 65_535 }, (_, index) => index + 1);
    expect(all.map(() => ids.take())).toEqual(all);
    expect(ids.size).toBe(65_535);
  });

  it('are 0 when all are in use, then the next released one', () => {
    const ids = new PacketIds();
    for (let id = 1; id <= 65_535; id++) ids.take();
    expect(ids.take()).toBe(0);
    ids.release(40_000);
    expect(ids.take()).toBe(40_000);
    expect(ids.take()).toBe(0);
  });

  it('are not reused immediately after their release', () => {
    const ids = new PacketIds();
    ids.take();
    ids.release(1);
    expect(ids.take()).toBe(2);
  });

  it('in use are skipped after wrapping around', () => {
    const ids = new PacketIds();
    for (let id = 1; id <= 65_535; id++) ids.take();
    for (const id of [1, 3]) ids.release(id);
    expect([ids.take(), ids.take(), ids.take()]).toEqual([1, 3, 0]);
  });

  it('are never handed out twice, for any sequence of reserving and releasing', () => {
    const operation = fc.record({
      name: fc.constantFrom('take', 'release', 'reserve'),
      id: fc.integer({ min: 1, max: 40 }),
    });
    fc.assert(
      fc.property(fc.array(operation), (operations) => {
        const ids = new PacketIds();
        const used = new Set<number>();
        for (const { name, id } of operations) {
          if (name === 'take') {
            const taken = ids.take();
            expect(used.has(taken)).toBe(false);
            used.add(taken);
          } else if (name === 'reserve') {
            ids.reserve(id);
            used.add(id);
          } else {
            ids.release(id);
            used.delete(id);
          }
          expect(ids.size).toBe(used.size);
          expect(ids.has(id)).toBe(used.has(id));
        }
      }),
    );
  });
});
