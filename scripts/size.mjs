/**
 * Prints the size of the browser build as it is shipped, and fails when it outgrows its limit. What counts is what every
 * page loads: the entry with all that it exports, rxjs not counted, which is the page's own. Parts that are loaded when
 * they are asked for are told beside it.
 */
import { gzipSync } from 'node:zlib';
import { browserFiles } from './browser-bundle.mjs';

const LIMIT_KB = 36;
const PLACES = 12;

const gzip = (code) => gzipSync(code, { level: 9 }).length / 1000;
const kB = (bytes) => `${(bytes / 1000).toFixed(1)} kB`.padStart(10);
const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);

const [files, [single]] = await Promise.all([
  browserFiles({ format: 'esm', name: 'index' }),
  browserFiles({ format: 'esm', name: 'single', single: true }),
]);
const first = files.filter(({ isPart }) => !isPart);
const parts = files.filter(({ isPart }) => isPart);

const sources = first.flatMap(({ inputs }) => Object.entries(inputs));
for (const [source, { bytesInOutput }] of sources
  .sort(([, a], [, b]) => b.bytesInOutput - a.bytesInOutput)
  .slice(0, PLACES)) {
  console.log(`${kB(bytesInOutput)}  ${source} (before it is minified)`);
}
const line = (code, what) =>
  console.log(`${kB(code.length)} minified, ${gzip(code).toFixed(1).padStart(4)} kB gzip  ${what}`);
for (const { file, code } of parts) line(code, `loaded when asked for: ${file.replace(/-\w+\.js$/, '')}`);
line(single.code, 'everything in one file: single.js');
const weight = sum(first.map(({ code }) => gzip(code)));
const total = weight + sum(parts.map(({ code }) => gzip(code)));
console.log(
  `browser bundle: ${kB(sum(first.map(({ code }) => code.length))).trim()} minified, ${weight.toFixed(1)} kB gzip ` +
    `(limit: ${LIMIT_KB} kB); ${total.toFixed(1)} kB gzip with all parts`,
);
if (weight > LIMIT_KB) {
  console.error(`the limit is ${LIMIT_KB} kB gzip`);
  process.exitCode = 1;
}
