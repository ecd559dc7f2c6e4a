import fc from 'fast-check';
import { ValueQueue } from '../../src/operators/value-queue.js';

describe('ValueQueue', () => {
  it('returns the values in the order in which they were added', () => {
    // Bursts large enough to make it move its values down.
    const bursts = fc.array(fc.tuple(fc.nat(3000), fc.nat(3000)), { maxLength: 8 });
    fc.assert(
      fc.property(bursts, (steps) => {
        const queue = new ValueQueue<number>();
        let pushed = 0;
        let shifted = 0;
        for (const [more, fewer] of steps) {
          for (let at = 0; at < more; at++) queue.push(pushed++);
          for (let at = 0; at < fewer && queue.size > 0; at++) {
            if (queue.shift() !== shifted++) throw new Error(`value ${shifted - 1} is out of order`);
          }
          expect(queue.size).toBe(pushed - shifted);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('is empty after clear', () => {
    const queue = new ValueQueue<number>();
    for (let at = 0; at < 10; at++) queue.push(at);
    queue.shift();
    queue.clear();
    expect(queue.size).toBe(0);
    queue.push(7);
    expect(queue.shift()).toBe(7);
  });
});
