/** `npm test`: builds, type-checks, lints, and runs the unit, marble and integration tests. Each step counts as one. */
import { spawn } from 'node:child_process';
import { runJest } from './jest-ring.mjs';
import { endRing, startRing } from './rings.mjs';

const seconds = (since) => `${((performance.now() - since) / 1000).toFixed(1)} s`;

/** Runs a script of package.json; its output is shown only when it fails, since two run side by side. */
function step(script) {
  const started = performance.now();
  return new Promise((resolve) => {
    const child = spawn('npm', ['run', '--silent', ...script.split(' ')], { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    const settle = (ok) => {
      console.log(`${ok ? 'ok    ' : 'FAILED'} ${script.padEnd(14)} ${seconds(started)}`);
      if (!ok) console.log(output.trimEnd());
      resolve(ok);
    };
    child.once('error', () => settle(false));
    child.once('close', (code) => settle(code === 0));
  });
}

async function inOrder(scripts) {
  const results = [];
  for (const script of scripts) results.push(await step(script));
  return results;
}

const started = performance.now();
await startRing('test');
const steps = (
  await Promise.all([
    // It takes as long as all others together.
    inOrder(['lint:code']),
    inOrder(['build', 'api -- --check', 'size', 'check', 'lint:layers', 'lint:format']),
  ])
).flat();

console.log('tests: unit, marbles, integration');
const tests = await runJest('test', ['--maxWorkers=2']);
const counts = {
  passed: tests.passed + steps.filter((ok) => ok).length,
  failed: tests.failed + steps.filter((ok) => !ok).length,
};
await endRing('test', counts, ` in ${seconds(started)}`);
