import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rows } from './malformed-rows.js';

const root = join(__dirname, '../..');

interface Entry {
  readonly version: 'v4' | 'v5';
  readonly id: string;
  readonly sameAs?: string;
  readonly tests?: readonly string[];
  readonly reason?: string;
  /** Neither a test nor a reason yet. */
  readonly missing?: true;
}

type Side = 'client' | 'server';

interface Now {
  readonly tests: Readonly<Record<Side, readonly (readonly string[])[]>>;
  readonly rows: readonly string[];
}

/** The tests of every statement as they stand in the sources now, and the rows of the malformed matrix. */
function now(): Now {
  const script = `
    import { readManifest, scanRows, scanTests, testsOf } from './test/conformance/manifest.mjs';
    const tests = {};
    for (const side of ['client', 'server']) {
      const found = await scanTests(side);
      tests[side] = (await readManifest(side)).map((entry) => testsOf(entry, found));
    }
    console.log(JSON.stringify({ tests, rows: await scanRows() }));
  `;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 16 * 2 ** 20,
  });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as Now;
}

const current = now();

describe.each([
  { side: 'client', file: 'manifest.json', v5: 136, v4: 74, untested: 0 },
  { side: 'server', file: 'server-manifest.json', v5: 206, v4: 109, untested: 0 },
] as const)('the manifest of conformance of the $side', ({ side, file, v5, v4, untested }) => {
  const manifest = JSON.parse(readFileSync(join(__dirname, file), 'utf8')) as readonly Entry[];
  const entries = manifest.map((entry, index) => ({ ...entry, current: current.tests[side][index] ?? [] }));

  it(`has each statement once: ${v5} of MQTT 5, and ${v4} of 3.1.1`, () => {
    expect(new Set(manifest.map(({ version, id }) => `${version} ${id}`)).size).toBe(manifest.length);
    expect(manifest.filter(({ version }) => version === 'v5')).toHaveLength(v5);
    expect(manifest.filter(({ version }) => version === 'v4')).toHaveLength(v4);
  });

  it('has for each statement a test that is there, or a reason why our side cannot break it', () => {
    const bare = entries.filter(
      ({ current: tests, reason = '', missing }) => tests.length === 0 && reason.length < 20 && missing === undefined,
    );
    expect(bare.map(({ version, id }) => `${version} ${id}`)).toEqual([]);
  });

  it('leaves no more statements untested than this', () => {
    expect(manifest.filter(({ missing }) => missing)).toHaveLength(untested);
  });

  it('loses no test: run "node test/conformance/manifest.mjs" when one was renamed', () => {
    const lost = entries.flatMap(({ version, id, tests = [], current: present }) =>
      tests.filter((test) => !present.includes(test)).map((test) => `${version} ${id}: ${test}`),
    );
    expect(lost).toEqual([]);
  });

  it('has no reason where there are tests', () => {
    expect(entries.filter(({ current: tests, reason }) => tests.length > 0 && reason !== undefined)).toEqual([]);
  });

  it('is what docs/conformance.md shows', () => {
    const docs = readFileSync(join(root, 'docs/conformance.md'), 'utf8').split('\n## Server\n')[
      side === 'client' ? 0 : 1
    ];
    for (const { id } of manifest) expect(docs).toContain(`| ${id} `);
  });
});

describe('the malformed matrix', () => {
  it('has a test for each of its 92 rows', () => {
    const checked = new Set([...rows.map(({ row }) => row), ...current.rows.map(Number)]);
    // 13 and 14 are about WebSocket, and checked with the transport.
    const missing = Array.from({ length: 92 }, (_, index) => index + 1).filter((row) => !checked.has(row));
    expect(missing).toEqual([13, 14]);
  });
});
