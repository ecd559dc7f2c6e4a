/**
 * The ring of runtimes: the packed tarball on every runtime, in every bundler, test runner and package manager, and under
 * every TypeScript that users have. What it has tested, with versions, is written into docs/runtimes.md. `--full` runs the
 * whole test suite on Node 22 and 24, too; further arguments name the parts to run.
 * Needs Linux on x64, openssl, a Chromium, and the npm registry.
 */
import { pack, ringOfChecks } from '../../scripts/rings.mjs';
import { bundlers } from './bundlers.mjs';
import { engines } from './engines.mjs';
import { mobile } from './mobile.mjs';
import { next } from './next.mjs';
import { packageManagers } from './package-managers.mjs';
import { suite } from './suite.mjs';
import { Table } from './table.mjs';
import { testRunners } from './test-runners.mjs';
import { typeScript } from './typescript.mjs';
import { workerd } from './workerd.mjs';

const PARTS = { engines, bundlers, next, mobile, workerd, testRunners, packageManagers, typeScript };

const named = process.argv.slice(2).filter((argument) => argument !== '--full');
const isFull = process.argv.includes('--full');
const unknown = named.filter((name) => !(name in PARTS));
if (unknown.length > 0) throw new Error(`no part ${unknown.join(', ')}; there are ${Object.keys(PARTS).join(', ')}`);

await ringOfChecks('runtimes', async (check, temporary) => {
  const { tarball } = await pack(temporary);
  const table = new Table();
  const ring = { check, temporary, tarball, table };
  for (const [name, part] of Object.entries(PARTS)) {
    if (named.length === 0 || named.includes(name)) await part(ring);
  }
  if (isFull) await suite(ring);
  await table.write();
});
