import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { minify } from 'terser';
import { internalNames } from './internal-names.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const entry = here('../src/browser.ts');

/** In browsers, `x.browser.ts` takes the place of `x.ts` where there is one. */
const browserTwins = (without) => ({
  name: 'browser-twins',
  setup({ onResolve }) {
    onResolve({ filter: /^\.{1,2}\/.*\.js$/ }, ({ path, resolveDir, kind }) => {
      const twin = join(resolveDir, path.replace(/\.js$/, '.browser.ts'));
      if (kind !== 'import-statement' || without?.test(path) === true) return undefined;
      return existsSync(twin) ? { path: twin } : undefined;
    });
  },
});

/**
 * How the browser face is bundled, for the build and for the tests that look at it: everything but rxjs inside, and
 * nothing expected of the page but what browsers have. A Node module in the graph is an error.
 * @type {import('esbuild').BuildOptions}
 */
export const browserBundle = {
  entryPoints: [entry],
  bundle: true,
  platform: 'browser',
  target: 'es2022',
  external: ['rxjs'],
  plugins: [browserTwins()],
  // `typeof Buffer` guards of the sources fold to their browser side.
  define: { Buffer: 'undefined', process: 'undefined', global: 'globalThis' },
  metafile: true,
  logLevel: 'silent',
};

/**
 * Gives each module that is loaded later everything that the entry exports too. What it shares with the entry then lies
 * in one file, whatever it is, instead of in one for each combination of parts; {@link withoutFace} takes the names back.
 */
const oneSharedFile = {
  name: 'one-shared-file',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /./, namespace: 'file' }, ({ kind, path, resolveDir }) =>
      kind === 'dynamic-import'
        ? { path: join(resolveDir, path.replace(/\.js$/, '.ts')), namespace: 'part' }
        : undefined,
    );
    onLoad({ filter: /./, namespace: 'part' }, ({ path }) => ({
      contents: `export * from ${JSON.stringify(entry)};\nexport * from ${JSON.stringify(path)};`,
      resolveDir: dirname(path),
    }));
  },
};

/** The code of a part, which exports what its own module exports and nothing else, and imports what it uses. */
function withoutFace(text, face) {
  const code = text.replace(/^import \{([^}]*)\} from ("[^"]+");$/gm, (_, clauses, from) => {
    const used = clauses.split(',').filter((clause) => {
      const name = clause.trim().split(' as ').at(-1).replace(/\$/g, '\\$');
      return (
        text.replace(/^export \{[^}]*\};$/gm, '').match(new RegExp(`(?<![\\w$])${name}(?![\\w$])`, 'g')).length > 1
      );
    });
    return `import {${used.join(',')}} from ${from};`;
  });
  const at = code.lastIndexOf('export {');
  const clauses = code.slice(at).match(/[\w$]+(?: as [\w$]+)?(?=[,\n ]*[,}\n])/g);
  const own = clauses.filter((clause) => clause !== 'export' && !face.has(clause.split(' as ').at(-1)));
  return `${code.slice(0, at)}export { ${own.join(', ')} };\n`;
}

/**
 * The files of `dist/browser`: as ES modules, the entry and what it loads later; as `single`, one file with all in it.
 * Names that nobody outside can see are short. Annotations stay, so that the bundler of an application can leave out
 * what is not used.
 * @param {{ format: 'esm' | 'cjs', name: string, single?: boolean }} options
 */
export async function browserFiles({ format, name, single = false }) {
  const names = internalNames(entry);
  const { outputFiles, metafile } = await build({
    ...browserBundle,
    entryPoints: { [name]: entry },
    // In a single file nothing is loaded later.
    plugins: single ? [browserTwins(/\/parts\.js$/)] : [browserTwins(), oneSharedFile],
    format,
    splitting: !single,
    outdir: 'dist/browser',
    outExtension: { '.js': format === 'cjs' ? '.cjs' : '.js' },
    chunkNames: '[name]-[hash]',
    minifyIdentifiers: true,
    mangleProps: new RegExp(`^(?:${names.join('|').replace(/\$/g, '\\$')})$`),
    sourcemap: 'external',
    sourcesContent: false,
    legalComments: 'none',
    write: false,
  });
  const outputs = new Map(Object.entries(metafile.outputs).map(([path, output]) => [basename(path), output]));
  const text = new Map(outputFiles.map((file) => [basename(file.path), file.text]));
  const face = new Set([...outputs.values()].find(({ entryPoint }) => entryPoint?.endsWith('src/browser.ts')).exports);
  const files = [];
  for (const [file, output] of outputs) {
    if (file.endsWith('.map')) continue;
    const isPart = output.entryPoint?.startsWith('part:') === true;
    const code = isPart ? withoutFace(text.get(file), face) : text.get(file);
    files.push({ file, isPart, inputs: output.inputs, ...(await shortened(code, file, text.get(`${file}.map`))) });
  }
  return files;
}

async function shortened(code, file, map) {
  const result = await minify(
    { [file]: code },
    {
      module: true,
      ecma: 2020,
      compress: { passes: 3, unsafe_arrows: true, unsafe_methods: true },
      format: { preserve_annotations: true, comments: false },
      sourceMap: { content: map, url: `${file}.map` },
    },
  );
  return { code: result.code, map: result.map };
}
