/** Imports every entry of the package, in both formats. Whatever that opened would keep this process alive. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { exports } = JSON.parse(await readFile(require.resolve('rxmqtt/package.json'), 'utf8'));
/** Stand on a framework that is not installed here, or run inside its test runner; rings of their own use them. */
const GUESTS = ['./angular', './angular/testing', './testing/jest', './testing/vitest'];

for (const entry of Object.keys(exports)) {
  if (entry.endsWith('.json') || GUESTS.includes(entry)) continue;
  const specifier = `rxmqtt${entry.slice(1)}`;
  await import(specifier);
  require(specifier);
}
