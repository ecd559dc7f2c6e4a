import fc from 'fast-check';
import { Fifo } from '../src/fifo.js';

describe('Fifo', () => {
  it('gives back what was put in, in order, across growth and wrap-around', () => {
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
});
