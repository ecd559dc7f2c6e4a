import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const shim = (name) => fileURLToPath(new URL(`browser-shims/${name}.cjs`, import.meta.url));

/** Node modules that mqtt-packet asks for, each replaced by the few lines of it that mqtt-packet uses. */
const shims = ['bl', 'buffer', 'debug', 'events', 'process-nextick-args'];

/** Takes the calls of `debug` out of mqtt-packet, a line each: their texts would be a tenth of it. */
const withoutDebugLines = {
  name: 'without-debug-lines',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]mqtt-packet[\\/]\w+\.js$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replace(/^ *debug\(.*\)$/gm, ''),
      loader: 'js',
    }));
  },
};

/**
 * How the browser face is bundled, for the build and for the tests that look at it: everything but rxjs inside, and
 * nothing expected of the page but what browsers have. A Node module in the graph is an error.
 * @type {import('esbuild').BuildOptions}
 */
export const browserBundle = {
  entryPoints: [fileURLToPath(new URL('../src/browser.ts', import.meta.url))],
  bundle: true,
  platform: 'browser',
  target: 'es2022',
  external: ['rxjs'],
  alias: Object.fromEntries(shims.map((name) => [name, shim(name)])),
  // `typeof Buffer` guards of the sources fold to their browser side.
  define: { Buffer: 'undefined', process: 'undefined', global: 'globalThis' },
  plugins: [withoutDebugLines],
  metafile: true,
  logLevel: 'silent',
};
