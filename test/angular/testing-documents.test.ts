/** @jest-environment <rootDir>/test/angular/support/page-environment.cjs */
import { startTestBed } from './support/testbed.js';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

startTestBed();

describe('the example of docs/testing.md', () => {
  const root = join(__dirname, '../..');
  const guide = readFileSync(join(root, 'docs/testing.md'), 'utf8');
  const code = /^```ts angular\n(.*?)^```$/ms.exec(guide)?.[1] ?? '';
  const folder = join(root, 'artifacts/angular-testing-guide');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'example.ts'), code);
  // It brings its own test.
  require(join(folder, 'example.ts'));
});
