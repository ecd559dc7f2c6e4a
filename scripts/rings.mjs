/** Counts of the rings of tests, one JSON file a ring in artifacts/rings, from which `.ci/run` takes its last line. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const folder = new URL('../artifacts/rings/', import.meta.url);
const file = (ring) => new URL(`${ring}.json`, folder);

export const root = fileURLToPath(new URL('..', import.meta.url));
export const MINUTE = 60_000;

/** Forgets a ring's former counts, so that a ring which dies leaves none. */
export async function startRing(ring) {
  await mkdir(folder, { recursive: true });
  await rm(file(ring), { force: true });
}

/** Records a ring's counts, prints them as its last line, and sets the exit code. */
export async function endRing(ring, { passed, failed }, remark = '') {
  await mkdir(folder, { recursive: true });
  await writeFile(file(ring), `${JSON.stringify({ ring, passed, failed })}\n`);
  console.log(`${ring}: ${passed} passed, ${failed} failed${remark}`);
  process.exitCode = failed === 0 ? 0 : 1;
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

/** A ring of single checks: `body` gets `check(statement, test)`, and a folder that is removed at the end. */
export async function ringOfChecks(ring, body) {
  const counts = { passed: 0, failed: 0 };
  const temporary = await mkdtemp(join(tmpdir(), `rxmqtt-${ring}-`));
  async function check(statement, test) {
    try {
      const remark = await test();
      counts.passed++;
      console.log(`ok     ${statement}${typeof remark === 'string' ? `: ${remark}` : ''}`);
    } catch (error) {
      counts.failed++;
      console.log(`FAILED ${statement}\n${error.message.replace(/^/gm, '       ')}`);
    }
  }
  await startRing(ring);
  try {
    await body(check, temporary);
  } catch (error) {
    counts.failed++;
    console.log(error);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  await endRing(ring, counts);
}

export function assert(holds, message) {
  if (!holds) throw new Error(message);
}

/** Runs a command, and returns what it printed, both streams together. */
export async function run(command, args, cwd, timeout = 5 * MINUTE, more = {}) {
  try {
    const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0', CI: '1', ...more };
    const options = { cwd, timeout, env, maxBuffer: 64 * 1024 * 1024 };
    const { stdout, stderr } = await promisify(execFile)(command, args, options);
    return stdout + stderr;
  } catch (error) {
    const reason = error.killed ? `took longer than ${timeout / 1000} s` : `exit code ${error.code}`;
    throw new Error([`${command} ${args.join(' ')}: ${reason}`, error.stdout, error.stderr].join('\n').trim(), {
      cause: error,
    });
  }
}

/** Packs the build as it stands in dist/. */
export async function pack(into) {
  const output = await run('npm', ['pack', '--json', '--silent', '--ignore-scripts', '--pack-destination', into], root);
  const [{ filename, files, size }] = JSON.parse(output);
  return { tarball: join(into, filename), files: files.map(({ path }) => path), size };
}

/** Installs packages in a folder, beside those that its `package.json` names. */
export async function install(into, packages) {
  await mkdir(into, { recursive: true });
  const manifest = join(into, 'package.json');
  if (!existsSync(manifest)) await writeFile(manifest, '{ "private": true, "type": "module" }');
  const flags = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts'];
  await run('npm', ['install', ...flags, ...packages], into);
}
