import { ring } from './ring.js';

it('whatever is published, cut, lost and restarted: nothing is lost, doubled, reordered or left behind', async () => {
  const result = await ring({ runs: 2000 });
  expect(result.failure).toBeUndefined();
  expect(result.schedules).toBe(2000);
  expect(Math.min(result.sent, result.delivered, result.faults)).toBeGreaterThan(1000);
}, 300_000);
