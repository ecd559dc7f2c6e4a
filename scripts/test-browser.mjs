/**
 * The ring in a real Chromium: builds the library (unless told `--built`) and the Angular example, and runs
 * `test/browser/`. Screenshots are kept in artifacts/screenshots.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { runJest } from './jest-ring.mjs';
import { endRing, startRing } from './rings.mjs';

const chromium = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

function run(command, ...args) {
  const { status } = spawnSync(command, args, { stdio: 'inherit' });
  return status === 0;
}

/** Counts one failure, and says what is missing. */
async function refuse(message) {
  console.error(message);
  await endRing('browser', { passed: 0, failed: 1 });
  process.exit(1);
}

process.chdir(new URL('..', import.meta.url).pathname);
await startRing('browser');
if (!chromium.some((path) => path !== undefined && existsSync(path))) {
  await refuse('there is no Chromium; install it (Debian: apt-get install chromium), or name one in CHROMIUM');
}
if (!process.argv.includes('--built') && !run('npm', 'run', '--silent', 'build')) {
  await refuse('the library could not be built');
}
if (!run('npx', 'tsx', 'examples/angular/build.ts')) await refuse('the Angular example could not be built');

const counts = await runJest('browser', ['--config', 'jest.browser.config.cjs']);
await endRing('browser', counts);
