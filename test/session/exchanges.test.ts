import fc from 'fast-check';
import { Exchanges } from '../../src/session/exchanges.js';
import { OutgoingPublish } from '../../src/session/outgoing-publish.js';

function sent(packetId: number): OutgoingPublish {
  const message = new OutgoingPublish('hall/7', new Uint8Array(0), 1, false, undefined, undefined);
  message.packetId = packetId;
  return message;
}

describe('open exchanges', () => {
  it('are found by packet identifier, and not by another one in the same slot', () => {
    const exchanges = new Exchanges();
    const [five, twentyOne] = [sent(5), sent(21)];
    exchanges.add(five);
    expect(exchanges.get(21)).toBeUndefined();
    exchanges.add(twentyOne);
    expect(exchanges.get(5)).toBe(five);
    expect(exchanges.get(21)).toBe(twentyOne);
  });

  it('[MQTT-4.6.0-1] iterate in the order of sending, whatever their identifiers', () => {
    const exchanges = new Exchanges();
    for (const id of [65_535, 1, 40, 2]) exchanges.add(sent(id));
    expect([...exchanges].map(({ packetId }) => packetId)).toEqual([65_535, 1, 40, 2]);
  });

  it('allow removing the current one during iteration', () => {
    const exchanges = new Exchanges();
    for (const id of [1, 2, 3]) exchanges.add(sent(id));
    const seen: number[] = [];
    for (const message of exchanges) {
      seen.push(message.packetId);
      exchanges.remove(message);
    }
    expect(seen).toEqual([1, 2, 3]);
    expect(exchanges.size).toBe(0);
  });

  it('behave like a Map', () => {
    const step = fc.tuple(fc.boolean(), fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 65_535 })));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const exchanges = new Exchanges();
        const model = new Map<number, OutgoingPublish>();
        for (const [adds, id] of steps) {
          const known = model.get(id);
          expect(exchanges.get(id)).toBe(known);
          if (adds && known === undefined) {
            const message = sent(id);
            model.set(id, message);
            exchanges.add(message);
          } else if (!adds) {
            model.delete(id);
            exchanges.remove(known ?? sent(id));
          }
          expect(exchanges.size).toBe(model.size);
        }
        expect([...exchanges]).toEqual([...model.values()]);
        const all = exchanges.drain();
        expect(all).toEqual([...model.values()]);
        expect([...exchanges]).toEqual([]);
        expect(all.every(({ before, after }) => before === undefined && after === undefined)).toBe(true);
      }),
    );
  });
});
