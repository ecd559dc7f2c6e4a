import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { SoakReport } from './soak/soak.js';
import { verdict } from './soak/verdict.js';
import { bundledProgram } from '../support/bundled-program.js';

const run = promisify(execFile);
const root = join(__dirname, '../..');

it('50 clients that connect, publish and drop at random lose nothing, and memory does not grow', async () => {
  const node = ['--expose-gc', bundledProgram('test/broker/soak/main.ts')];
  const { stdout } = await run(process.execPath, [...node, '--clients', '50', '--seconds', '5', '--seed', '7'], {
    cwd: root,
    timeout: 80_000,
  });
  const report = JSON.parse(stdout) as SoakReport;
  expect(verdict(report)).toEqual([]);
  expect(report).toMatchObject({ lost: 0, doubled: 0, failed: 0 });
  expect(report.acknowledged).toBeGreaterThan(1000);
  expect(report.dropped).toBeGreaterThan(20);
}, 90_000);
