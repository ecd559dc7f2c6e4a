import { ring } from './ring.js';

it('whatever is published, cut, lost and restarted: nothing is lost, doubled, reordered or left behind', async () => {
  // The same schedules each time; `npm run test:model` looks for new ones.
  const result = await ring({ runs: 2000, seed: 20261121 });
  expect(result.failure).toBeUndefined();
  expect(result.schedules).toBe(2000);
  expect(Math.min(result.sent, result.delivered, result.faults)).toBeGreaterThan(1000);
}, 300_000);
