/** Counts of the rings of tests, one JSON file a ring in artifacts/rings, from which `.ci/run` takes its last line. */
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';

const folder = new URL('../artifacts/rings/', import.meta.url);
const file = (ring) => new URL(`${ring}.json`, folder);

/** Forgets a ring's former counts, so that a ring which dies leaves none. */
export async function startRing(ring) {
  await mkdir(folder, { recursive: true });
  await rm(file(ring), { force: true });
}

/** Records a ring's counts. */
export async function endRing(ring, { passed, failed }) {
  await mkdir(folder, { recursive: true });
  await writeFile(file(ring), `${JSON.stringify({ ring, passed, failed })}\n`);
}

/** The counts of each ring that came to its end. */
export async function readRings() {
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.json')).sort();
  return Promise.all(names.map(async (name) => JSON.parse(await readFile(new URL(name, folder), 'utf8'))));
}

/** What a `jest --json` report says. A test that did not run, and a suite that could not, count as failed. */
export function countJest(report) {
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, numRuntimeErrorTestSuites } = report;
  const failed = numFailedTests + numPendingTests + numTodoTests + numRuntimeErrorTestSuites;
  return { passed: numPassedTests, failed: numPassedTests + failed === 0 ? 1 : failed };
}
