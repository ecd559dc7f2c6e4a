import { Attacker, bytesOf, repeated } from './support/attacker.js';
import { brokerProcesses } from './support/broker-process.js';
import { scaled } from './support/form.js';
import { pairs } from './support/pair.js';

const MB = 1024 * 1024;
const startBroker = brokerProcesses();
const startPair = pairs();

test('a flood of PINGREQ whose answers are read costs a healthy pair little, and no memory', async () => {
  const { process, url } = await startBroker();
  const pair = await startPair(url);
  await pair.during(500);
  const quiet = await pair.during(1000);
  const before = await process.measure();
  const attacker = (await Attacker.connect(url)).read();
  await pair.begin();
  await attacker.flood(repeated(bytesOf({ cmd: 'pingreq' }), 1000), scaled(2000, 20_000));
  const during = await pair.end();
  const after = await process.measure();
  expect(attacker.received).toBeGreaterThan(1000);
  expect(after.peak - before.resident).toBeLessThan(100 * MB);
  expect(after.longestBlock).toBeLessThan(Math.max(50, before.longestBlock) * 8);
  expect(during.median).toBeLessThan(quiet.median * 400);
  attacker.destroy();
});
