/**
 * The manifest of conformance: which tests check which statement of the two standards. Test titles name the statements
 * (`[v5 MQTT-3.3.4-9]`), so the link from statement to tests is read from the tests themselves; the manifest holds the
 * tests that each statement had when it was written last, and a reason for each that our side cannot break. There is one
 * for each side: the client, and the broker as the server.
 *
 * `node test/conformance/manifest.mjs` updates the manifests and docs/conformance.md from the tests.
 */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const root = new URL('../../', import.meta.url);

/** What is scanned for each side. The layers below the connection are the same for both. */
export const sides = {
  client: { manifest: 'manifest.json', scan: /^(test|marble-tests)\/(?!broker\/)/ },
  server: {
    manifest: 'server-manifest.json',
    scan: /^test\/(broker\/|packet\/|topic\/|utf8\.test|transport\/web-socket\.test)/,
  },
};

const manifestUrl = (side) => new URL(`test/conformance/${sides[side].manifest}`, root);
const pathOf = (url) => fileURLToPath(url).slice(fileURLToPath(root).length);

async function* filesBelow(folder) {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const url = new URL(entry.name + (entry.isDirectory() ? '/' : ''), folder);
    if (entry.isDirectory()) yield* filesBelow(url);
    else if (/\.(test|interop|contract)\.ts$|-suite\.ts$/.test(entry.name)) yield url;
  }
}

async function* sources(side) {
  for (const folder of ['test/', 'marble-tests/']) {
    for await (const url of filesBelow(new URL(folder, root))) if (sides[side].scan.test(pathOf(url))) yield url;
  }
}

/** Where a text holds tests that run once a version, from and to. */
function versionBlocks(text) {
  return [...text.matchAll(/^( *)describe\.each\(\[(?:3, )?4, 5\][^\n]*\n[^]*?^\1\}\);/gm)].map(
    ({ index, 0: block }) => [index, index + block.length],
  );
}

/** `{ "v5 MQTT-3.3.4-9": ["marble-tests/limits.test.ts: is a QoS ..."] }` */
export async function scanTests(side) {
  const found = new Map();
  for await (const url of sources(side)) {
    const text = (await readFile(url, 'utf8')).replaceAll('[v3.1.1 ', '[v4 ');
    const path = pathOf(url);
    const blocks = versionBlocks(text);
    for (const { 2: title, index } of text.matchAll(
      /(['"`])((?:(?!\1)[^\\\n]|\\.)*\[(?:v\d|v\$\{?version\}?|v%d)[ ,](?:(?!\1)[^\\\n]|\\.)*)\1/g,
    )) {
      const inBlock = blocks.some(([from, to]) => index > from && index < to);
      for (const [, versions, ids] of title.matchAll(
        /\[((?:v(?:\d|\$\{?version\}?|%d)[, ]*)+)((?:MQTT-[\d.]+-\d+[, ]*)+)\]/g,
      )) {
        // A test that runs for both versions names the statement of MQTT 5.
        const named = [...versions.matchAll(/v(\d|\$\{?version\}?|%d)/g)].flatMap(([, v]) =>
          /\d/.test(v) && !(inBlock && v === '5') ? [v] : ['5', 'both'],
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
  return new Map([...found].map(([key, names]) => [key, [...names].sort()]));
}

/** The rows of the malformed matrix that titles name: `[v5 row 45]`, `[v5 rows 46, 88]`. */
export async function scanRows() {
  const rows = new Set();
  for await (const url of sources('client')) {
    for (const [, list] of (await readFile(url, 'utf8')).matchAll(/\[v[\w$%{}]+ rows? ([\d, ]+)\]/g)) {
      for (const [row] of list.matchAll(/\d+/g)) rows.add(row);
    }
  }
  return [...rows];
}

export const readManifest = async (side) => JSON.parse(await readFile(manifestUrl(side), 'utf8'));

/** The tests of an entry: those that name it, and those for both versions that name its counterpart in MQTT 5. */
export function testsOf(entry, found) {
  const own = found.get(`${entry.version} ${entry.id}`) ?? [];
  const same = entry.sameAs === undefined ? [] : (found.get(`both ${entry.sameAs}`) ?? []);
  return [...new Set([...own, ...same])].sort();
}

const introductions = {
  client: [
    '# Conformance',
    '',
    'Every statement of MQTT 5 and MQTT 3.1.1 that a client can break, with the tests that check it. Written by',
    '`node test/conformance/manifest.mjs` from the titles of the tests; a test fails when a statement loses its tests. The',
    'statements about a server follow [below](#server).',
    '',
  ],
  server: [
    '## Server',
    '',
    'Every statement about a server, or about both sides, with the tests that check it for the embedded broker. What is',
    'encoded, and how topics are read, the broker shares with the client: the tests of these layers stand for both.',
    '',
  ],
};

const cellOf = ({ tests = [], reason, missing }) => {
  if (tests.length > 0) return tests.map((test) => test.replace(/\|/g, '\\|')).join('<br>');
  return missing ? '**not tested**' : `_${reason}_`;
};

export function table(side, manifest) {
  const lines = [...introductions[side]];
  for (const version of ['v5', 'v4']) {
    const entries = manifest.filter((entry) => entry.version === version);
    const name = version === 'v5' ? 'MQTT 5' : 'MQTT 3.1.1';
    lines.push(
      side === 'client'
        ? `## ${name}: ${entries.length} statements`
        : `### ${name}, server: ${entries.length} statements`,
      '',
      '| statement | checked by |',
      '|---|---|',
      ...entries.map((entry) => `| ${entry.id} | ${cellOf(entry)} |`),
      '',
    );
  }
  return lines.join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { format, resolveConfig } = await import('prettier');
  const write = async (url, text) => {
    const path = fileURLToPath(url);
    await writeFile(url, await format(text, { ...(await resolveConfig(path)), filepath: path }));
  };
  const tables = [];
  for (const side of Object.keys(sides)) {
    const [manifest, found] = [await readManifest(side), await scanTests(side)];
    for (const entry of manifest) {
      entry.tests = testsOf(entry, found);
      if (entry.tests.length === 0) delete entry.tests;
      else {
        delete entry.reason;
        delete entry.missing;
      }
    }
    await write(manifestUrl(side), JSON.stringify(manifest));
    tables.push(table(side, manifest));
    const bare = manifest.filter(({ tests, reason, missing }) => !tests && !reason && !missing);
    for (const { version, id } of bare) console.error(`${side}: ${version} ${id} has neither a test nor a reason`);
    const missing = manifest.filter((entry) => entry.missing).length;
    console.log(`${side}: ${manifest.length} statements, ${bare.length} without test or reason, ${missing} not tested`);
    if (bare.length > 0) process.exitCode = 1;
  }
  await write(new URL('docs/conformance.md', root), tables.join('\n'));
}
