/** Both builds for browsers of each entry that has one, as test runners that play a page load them. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { exports } = JSON.parse(await readFile(require.resolve('rxmqtt/package.json'), 'utf8'));
/** Stands on a framework that does not run as it is published. */
const GUESTS = ['./angular'];
const names = (module) => Object.keys(module).filter((name) => name !== 'default' && name !== '__esModule');

for (const [entry, { browser }] of Object.entries(exports)) {
  if (browser === undefined || GUESTS.includes(entry)) continue;
  const specifier = `rxmqtt${entry.slice(1)}`;
  assert.match(require.resolve(specifier), /\/dist\/browser\/[\w-]+\.cjs$/);
  assert.deepEqual(names(require(specifier)).sort(), names(await import(specifier)).sort());
}
