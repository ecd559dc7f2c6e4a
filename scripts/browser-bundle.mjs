import { fileURLToPath } from 'node:url';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/**
 * How the browser face is bundled, for the build and for the tests that look at it: everything but rxjs inside, and
 * nothing expected of the page but what browsers have. A Node module in the graph is an error.
 * @type {import('esbuild').BuildOptions}
 */
export const browserBundle = {
  entryPoints: [here('../src/browser.ts')],
  bundle: true,
  platform: 'browser',
  target: 'es2022',
  external: ['rxjs'],
  alias: { 'mqtt-packet': here('browser-shims/mqtt-packet.mjs') },
  // `typeof Buffer` guards of the sources fold to their browser side.
  define: { Buffer: 'undefined', process: 'undefined', global: 'globalThis' },
  metafile: true,
  logLevel: 'silent',
};
