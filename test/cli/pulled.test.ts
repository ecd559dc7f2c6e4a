import { EMPTY } from 'rxjs';
import { pulled } from '../../src/cli/pulled.js';
import { elapsed } from '../../src/rx/clock.js';

describe('values that are pulled', () => {
  it('leave time for signals and sockets, however fast they are taken', async () => {
    let hasEnded = false;
    const values = function* (): Generator<number> {
      for (const begin = elapsed(); elapsed() - begin < 10_000;) yield 1;
      hasEnded = true;
    };
    const pulling = pulled(values(), () => EMPTY, { concurrency: 1 }).subscribe();
    await new Promise((resolve) => setImmediate(resolve));
    pulling.unsubscribe();
    expect(hasEnded).toBe(false);
  });
});
