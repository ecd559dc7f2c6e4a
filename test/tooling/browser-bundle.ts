import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** What esbuild says of a bundle, with the text of the bundle itself. */
export interface Bundle {
  readonly text: string;
  /** The source files that went in, relative to the repository. */
  readonly inputs: readonly string[];
  /** Imports that were left to the page. */
  readonly externals: readonly string[];
  readonly errors: readonly string[];
}

const script = `
import { build } from 'esbuild';
const { entry, format } = JSON.parse(process.argv[1]);
const options = {
  bundle: true,
  platform: 'browser',
  target: 'es2022',
  external: ['rxjs'],
  format,
  globalName: 'bundle',
  metafile: true,
  logLevel: 'silent',
  write: false,
  outfile: 'bundle.js',
  ...(entry === undefined
    ? { entryPoints: ['src/browser.ts'] }
    : { stdin: { contents: entry, resolveDir: process.cwd(), loader: 'ts' } }),
};
const result = await build(options).catch((failure) => failure);
const output = Object.values(result.metafile?.outputs ?? {})[0];
process.stdout.write(JSON.stringify({
  text: result.outputFiles?.[0].text ?? '',
  inputs: Object.keys(result.metafile?.inputs ?? {}),
  externals: (output?.imports ?? []).map(({ path }) => path),
  errors: result.errors.map(({ text }) => text),
}));
`;

/** Bundles the browser face, or the module whose text is given, for a page: everything but rxjs inside. */
export function bundleForBrowsers(options: { readonly entry?: string; readonly format: 'esm' | 'iife' }): Bundle {
  // In a process of its own: esbuild is an ES module's guest, and insists on the Uint8Array of the main realm.
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', script, JSON.stringify(options)], {
    cwd: join(__dirname, '../..'),
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  return JSON.parse(output) as Bundle;
}
