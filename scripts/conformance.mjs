/**
 * The manifest of conformance: which tests check which statement of the two standards. Test titles name the statements
 * (`[v5 MQTT-3.3.4-9]`), so the link from statement to tests is read from the tests themselves; the manifest holds the
 * tests that each statement had when it was written last, and a reason for each that a client library cannot break.
 *
 * `node scripts/conformance.mjs` updates the manifest and docs/conformance.md from the tests.
 */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const root = new URL('../', import.meta.url);
const manifestUrl = new URL('test/conformance/manifest.json', root);
const folders = ['test', 'marble-tests'];

async function* sources(folder) {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const url = new URL(entry.name + (entry.isDirectory() ? '/' : ''), folder);
    // The broker's tests check the server's statements.
    if (entry.isDirectory()) yield* entry.name === 'broker' ? [] : sources(url);
    else if (/\.(test|interop|contract)\.ts$|-suite\.ts$/.test(entry.name)) yield url;
  }
}

/** `{ "v5 MQTT-3.3.4-9": ["marble-tests/limits.test.ts: is a QoS ..."] }` */
export async function scanTests() {
  const found = new Map();
  for (const folder of folders) {
    for await (const url of sources(new URL(`${folder}/`, root))) {
      const text = await readFile(url, 'utf8');
      const path = fileURLToPath(url).slice(fileURLToPath(root).length);
      for (const [, , title] of text.matchAll(
        /(['"`])((?:(?!\1)[^\\\n]|\\.)*\[(?:v\d|v\$\{?version\}?|v%d)[ ,](?:(?!\1)[^\\\n]|\\.)*)\1/g,
      )) {
        for (const [, versions, ids] of title.matchAll(
          /\[((?:v(?:\d|\$\{?version\}?|%d)[, ]*)+)((?:MQTT-[\d.]+-\d+[, ]*)+)\]/g,
        )) {
          // A test that runs for both versions names the statement of MQTT 5.
          const named = [...versions.matchAll(/v(\d|\$\{?version\}?|%d)/g)].flatMap(([, v]) =>
            /\d/.test(v) ? [v] : ['5', 'both'],
          );
          for (const version of named) {
            for (const [id] of ids.matchAll(/MQTT-[\d.]+-\d+/g)) {
              const key = version === 'both' ? `both ${id}` : `v${version} ${id}`;
              const name = `${path}: ${title.replace(/\[v[^\]]*\] ?/g, '')}`;
              if (!found.has(key)) found.set(key, new Set());
              found.get(key).add(name);
            }
          }
        }
      }
    }
  }
  return new Map([...found].map(([key, names]) => [key, [...names].sort()]));
}

/** The rows of the malformed matrix that titles name: `[v5 row 45]`, `[v5 rows 46, 88]`. */
export async function scanRows() {
  const rows = new Set();
  for (const folder of folders) {
    for await (const url of sources(new URL(`${folder}/`, root))) {
      for (const [, list] of (await readFile(url, 'utf8')).matchAll(/\[v[\w$%{}]+ rows? ([\d, ]+)\]/g)) {
        for (const [row] of list.matchAll(/\d+/g)) rows.add(row);
      }
    }
  }
  return [...rows];
}

export const readManifest = async () => JSON.parse(await readFile(manifestUrl, 'utf8'));

/** The tests of an entry: those that name it, and those for both versions that name its counterpart in MQTT 5. */
export function testsOf(entry, found) {
  const own = found.get(`${entry.version} ${entry.id}`) ?? [];
  const same = entry.sameAs === undefined ? [] : (found.get(`both ${entry.sameAs}`) ?? []);
  return [...new Set([...own, ...same])].sort();
}

export function table(manifest) {
  const lines = [
    '# Conformance',
    '',
    'Every statement of MQTT 5 and MQTT 3.1.1 that a client can break, with the tests that check it. Written by',
    '`node scripts/conformance.mjs` from the titles of the tests; a test fails when a statement loses its tests.',
    '',
  ];
  for (const version of ['v5', 'v4']) {
    const entries = manifest.filter((entry) => entry.version === version);
    lines.push(
      `## ${version === 'v5' ? 'MQTT 5' : 'MQTT 3.1.1'}: ${entries.length} statements`,
      '',
      '| statement | checked by |',
      '|---|---|',
    );
    for (const { id, tests = [], reason } of entries) {
      const cell = tests.length > 0 ? tests.map((test) => test.replace(/\|/g, '\\|')).join('<br>') : `_${reason}_`;
      lines.push(`| ${id} | ${cell} |`);
    }
    lines.push('');
  }
  return lines.join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [manifest, found] = [await readManifest(), await scanTests()];
  for (const entry of manifest) {
    const tests = testsOf(entry, found);
    entry.tests = tests;
    if (tests.length > 0) delete entry.reason;
    else delete entry.tests;
  }
  const { format, resolveConfig } = await import('prettier');
  const write = async (url, text) => {
    const path = fileURLToPath(url);
    await writeFile(url, await format(text, { ...(await resolveConfig(path)), filepath: path }));
  };
  await write(manifestUrl, JSON.stringify(manifest));
  await write(new URL('docs/conformance.md', root), table(manifest));
  const bare = manifest.filter(({ tests = [], reason }) => tests.length === 0 && !reason);
  for (const { version, id } of bare) console.error(`${version} ${id} has neither a test nor a reason`);
  console.log(`${manifest.length} statements, ${manifest.length - bare.length} with tests or a reason`);
  if (bare.length > 0) process.exitCode = 1;
}
