import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '../..');
const folder = join(root, 'artifacts/testing-guide');
const guide = readFileSync(join(root, 'docs/testing.md'), 'utf8');

const blocks = [...guide.matchAll(/^```ts\n(.*?)^```$/gms)].map(({ 1: code = '', index }) => ({
  code,
  line: guide.slice(0, index).split('\n').length,
}));

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });

describe('docs/testing.md', () => {
  for (const { code, line } of blocks) {
    const file = join(folder, `line-${line}.ts`);
    writeFileSync(file, code);
    // Each block brings its own tests, as it stands.
    describe(`line ${line}`, () => void require(file));
  }

  it('shows all of it', () => {
    expect(blocks.length).toBeGreaterThanOrEqual(8);
  });
});
