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
}

const manifest = JSON.parse(readFileSync(join(__dirname, 'manifest.json'), 'utf8')) as readonly Entry[];

/** The tests of every statement as they stand in the sources now, and what docs/conformance.md should say. */
function now(): { readonly tests: readonly (readonly string[])[]; readonly rows: readonly string[] } {
  const script = `
    import { readManifest, scanRows, scanTests, testsOf } from './scripts/conformance.mjs';
    const found = await scanTests();
    const tests = (await readManifest()).map((entry) => testsOf(entry, found));
    console.log(JSON.stringify({ tests, rows: await scanRows() }));
  `;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: root,
    encoding: 'utf8',
  });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as ReturnType<typeof now>;
}

describe('the manifest of conformance', () => {
  const current = now();
  const entries = manifest.map((entry, index) => ({ ...entry, current: current.tests[index] ?? [] }));

  it('has each statement once: 136 of MQTT 5, and those of 3.1.1', () => {
    expect(new Set(manifest.map(({ version, id }) => `${version} ${id}`)).size).toBe(manifest.length);
    expect(manifest.filter(({ version }) => version === 'v5')).toHaveLength(136);
    expect(manifest.filter(({ version }) => version === 'v4')).toHaveLength(74);
  });

  it('has for each statement a test that is there, or a reason why a client library cannot break it', () => {
    const bare = entries.filter(({ current: tests, reason = '' }) => tests.length === 0 && reason.length < 20);
    expect(bare.map(({ version, id }) => `${version} ${id}`)).toEqual([]);
  });

  it('loses no test: run "node scripts/conformance.mjs" when one was renamed', () => {
    const lost = entries.flatMap(({ version, id, tests = [], current: present }) =>
      tests.filter((test) => !present.includes(test)).map((test) => `${version} ${id}: ${test}`),
    );
    expect(lost).toEqual([]);
  });

  it('has no reason where there are tests', () => {
    expect(entries.filter(({ current: tests, reason }) => tests.length > 0 && reason !== undefined)).toEqual([]);
  });

  it('is what docs/conformance.md shows', () => {
    const docs = readFileSync(join(root, 'docs/conformance.md'), 'utf8');
    for (const { id } of manifest) expect(docs).toContain(id);
  });
});

describe('the malformed matrix', () => {
  it('has a test for each of its 92 rows', () => {
    const checked = new Set([...rows.map(({ row }) => row), ...now().rows.map(Number)]);
    // 13 and 14 are about WebSocket, and checked with the transport.
    const missing = Array.from({ length: 92 }, (_, index) => index + 1).filter((row) => !checked.has(row));
    expect(missing).toEqual([13, 14]);
  });
});
