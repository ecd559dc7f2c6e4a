/** Runs jest as a ring: `node scripts/jest-ring.mjs <ring> [jest arguments]`. */
import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { countJest, endRing, startRing } from './rings.mjs';

/** A leak that keeps jest alive after its last test is a failure, not a ring without an end. */
const TIME_LIMIT = 12 * 60_000;

/** Runs jest and returns its counts; `{ passed: 0, failed: 1 }` when it came to no result. */
export async function runJest(ring, args, timeout = TIME_LIMIT) {
  const report = new URL(`../artifacts/${ring}.jest.json`, import.meta.url).pathname;
  const jest = ['node_modules/jest/bin/jest.js', '--json', `--outputFile=${report}`, ...args];
  await startRing(ring);
  const { status } = spawnSync(process.execPath, jest, {
    stdio: ['ignore', 'ignore', 'inherit'],
    timeout,
  });
  const counts = await readFile(report, 'utf8').then(
    (text) => countJest(JSON.parse(text)),
    () => ({ passed: 0, failed: 1 }),
  );
  // Jest also exits with a failure that no test stands for, such as a coverage threshold.
  if (status !== 0 && counts.failed === 0) counts.failed = 1;
  return counts;
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const [ring, ...args] = process.argv.slice(2);
  const counts = await runJest(ring, args);
  await endRing(ring, counts);
}
