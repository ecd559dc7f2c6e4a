import fc from 'fast-check';
import { Fifo } from '../src/fifo.js';

describe('Fifo', () => {
  it('returns values in order, across growth and wrap-around', () => {
    const operation = fc.constantFrom('push', 'unshift', 'shift', 'drain');
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 300 }), (operations) => {
        const fifo = new Fifo<number>();
        let model: number[] = [];
        operations.forEach((name, value) => {
          if (name === 'push') {
            fifo.push(value);
            model.push(value);
          } else if (name === 'unshift') {
            fifo.unshift(value);
            model.unshift(value);
          } else if (name === 'shift') {
            expect(fifo.shift()).toBe(model.shift());
          } else if (value % 50 === 0) {
            expect(fifo.drain()).toEqual(model);
            model = [];
          }
          expect(fifo.size).toBe(model.length);
          expect(fifo.peek()).toBe(model[0]);
        });
        expect([...fifo]).toEqual(model);
      }),
    );
  });

  it('keeps the order across bursts after which it gives its memory back', () => {
    const bursts = fc.array(fc.tuple(fc.nat(3000), fc.nat(3000)), { maxLength: 8 });
    fc.assert(
      fc.property(bursts, (steps) => {
        const fifo = new Fifo<number>();
        let pushed = 0;
        let shifted = 0;
        for (const [more, fewer] of steps) {
          for (let at = 0; at < more; at++) fifo.push(pushed++);
          for (let at = 0; at < fewer && fifo.size > 0; at++) {
            if (fifo.shift() !== shifted++) throw new Error(`value ${shifted - 1} is out of order`);
          }
          expect(fifo.size).toBe(pushed - shifted);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('is empty after clear', () => {
    const fifo = new Fifo<number>();
    for (let at = 0; at < 10; at++) fifo.push(at);
    fifo.shift();
    fifo.clear();
    expect(fifo.size).toBe(0);
    fifo.push(7);
    expect(fifo.shift()).toBe(7);
  });
});
