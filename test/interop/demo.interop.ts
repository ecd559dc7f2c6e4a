import { closingCounts, runDemo, statesOf } from '../support/demo.js';
import { startMosquitto, type Mosquitto } from './mosquitto.js';

let mosquitto: Mosquitto;
beforeAll(async () => {
  mosquitto = await startMosquitto();
});
afterAll(() => mosquitto.stop());

it.each(['tcp', 'ws'] as const)('the demo loses nothing when it runs against Mosquitto over %s', async (listener) => {
  const run = await runDemo(['--seconds', '3', '--url', mosquitto.url(listener)]);
  expect({ code: run.code, complaints: run.complaints }).toEqual({ code: 0, complaints: '' });
  const { published, received, lost } = closingCounts(run);
  expect(published).toBeGreaterThan(100);
  expect({ received, lost }).toEqual({ received: published, lost: 0 });
  expect(statesOf(run)).toContain('reconnecting');
});
