import fc from 'fast-check';
import { LatestValues } from '../../src/operators/latest-values.js';

/** The obvious version: an array in the order in which keys first came, searched for everything. */
class Plain {
  entries: { key: string; value: number; updated: number; turn: number }[] = [];
  private turn = 0;

  constructor(private readonly max: number) {}

  set(key: string, value: number, updated: number): boolean {
    const turn = this.turn++;
    const entry = this.entries.find((other) => other.key === key);
    if (entry !== undefined) {
      const isNew = entry.value !== value;
      Object.assign(entry, { value, updated, turn });
      return isNew;
    }
    this.entries.push({ key, value, updated, turn });
    if (this.entries.length > this.max) this.entries = this.entries.filter((other) => other !== this.oldest);
    return true;
  }

  get oldest(): { updated: number } | undefined {
    return [...this.entries].sort((a, b) => a.turn - b.turn)[0];
  }

  keep(test: (entry: { key: string; updated: number }) => boolean): boolean {
    const kept = this.entries.filter(test);
    const hasGone = kept.length < this.entries.length;
    this.entries = kept;
    return hasGone;
  }
}

it('LatestValues equals a plain array that is searched', () => {
  const key = fc.constantFrom('a', 'b', 'c', 'd', 'e');
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constant('set' as const), key, value: fc.nat(2) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('delete' as const), key }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('expire' as const), age: fc.nat(5) }) },
  );
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4 }), fc.array(step, { maxLength: 40 }), (max, steps) => {
      const latest = new LatestValues<number>(max);
      const plain = new Plain(max);
      steps.forEach((one, now) => {
        if (one.do === 'set') expect(latest.set(one.key, one.value, now)).toBe(plain.set(one.key, one.value, now));
        else if (one.do === 'delete') expect(latest.delete(one.key)).toBe(plain.keep((entry) => entry.key !== one.key));
        else expect(latest.expire(now - one.age)).toBe(plain.keep((entry) => entry.updated > now - one.age));
        expect([...latest.snapshot()]).toEqual(plain.entries.map((entry) => [entry.key, entry.value]));
        expect(latest.oldestUpdate).toBe(plain.oldest?.updated);
        for (const entry of plain.entries) expect(latest.get(entry.key)).toBe(entry.value);
      });
    }),
  );
});
