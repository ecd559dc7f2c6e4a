import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { minify } from 'terser';
import { internals } from './internal-names.mjs';
import { withShortMessages } from './short-messages.mjs';

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

/** One import of rxjs for all modules, instead of one for each. */
const oneRxjs = {
  name: 'one-rxjs',
  setup({ onResolve, onLoad }) {
    const names = new Set();
    for (const file of readdirSync(here('../src'), { recursive: true })) {
      if (!/\.ts$/.test(file)) continue;
      const text = readFileSync(here(`../src/${file}`), 'utf8');
      for (const [, list] of text.matchAll(/^import \{([^}]*)\} from 'rxjs';$/gm)) {
        for (const clause of list.split(',')) if (/^\s*\w+\s*$/.test(clause)) names.add(clause.trim());
      }
    }
    onResolve({ filter: /^rxjs$/ }, ({ namespace }) =>
      namespace === 'rxjs' ? { path: 'rxjs', external: true } : { path: 'rxjs', namespace: 'rxjs', sideEffects: false },
    );
    onLoad({ filter: /./, namespace: 'rxjs' }, () => ({
      contents: `export { ${[...names].sort().join(', ')} } from 'rxjs';`,
    }));
  },
};

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
 * in one file, whatever it is, instead of in one for each combination of parts; {@link inOneEntry} takes the names back.
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

const IMPORT = /^import \{([^}]*)\} from "([^"]+)";$/gm;
const EXPORT = /^export \{([^}]*)\};$/m;

/** The pairs `[from, to]` of a list like `a as b, c`. */
const renames = (list) =>
  list
    .split(',')
    .map((clause) => clause.trim().split(' as '))
    .filter(([name]) => name !== '')
    .map(([from, to = from]) => [from, to]);
const listed = (pairs) => pairs.map(([from, to]) => (from === to ? from : `${from} as ${to}`)).join(', ');

/** A module without the imports that it does not use. */
function withoutUnusedImports(text) {
  const body = text.replace(IMPORT, '');
  const isUsed = ([, local]) => new RegExp(`(?<![\\w$])${local.replace(/\$/g, '\\$')}(?![\\w$])`).test(body);
  return text.replace(IMPORT, (_, list, path) => `import { ${listed(renames(list).filter(isUsed))} } from "${path}";`);
}

/**
 * Puts the shared file in the place of the entry, which only hands its names on. Names that the parts alone use are
 * exported with two underscores in front; what is of rxjs, the parts import from there.
 */
function inOneEntry(texts, entryFile) {
  const [, imported, from] = [...texts.get(entryFile).matchAll(IMPORT)].find(([, , path]) => path.startsWith('./'));
  const exported = new Map(renames(EXPORT.exec(texts.get(entryFile))[1]));
  const shared = texts.get(from.slice(2));
  const ofRxjs = new Map(
    [...shared.matchAll(IMPORT)].flatMap(([, list]) => renames(list)).map(([name, local]) => [local, name]),
  );
  const sharedExports = renames(EXPORT.exec(shared)[1]);
  const faceOf = new Map(renames(imported).map(([name, local]) => [name, exported.get(local)]));
  const own = sharedExports.filter(([local, name]) => !ofRxjs.has(local) && !faceOf.has(name));
  const nameOf = new Map([...faceOf, ...own.map(([, name], index) => [name, `__${index.toString(36)}`])]);
  const rxjsOf = new Map(sharedExports.map(([local, name]) => [name, ofRxjs.get(local)]));

  const result = new Map();
  const face = sharedExports.filter(([, name]) => nameOf.has(name)).map(([local, name]) => [local, nameOf.get(name)]);
  result.set(entryFile, shared.replace(EXPORT, `export { ${listed(face)} };`));
  for (const [file, text] of texts) {
    if ([entryFile, from.slice(2)].includes(file) || !file.endsWith('.js')) continue;
    const code = text.replace(IMPORT, (statement, list, path) => {
      if (path !== from) return statement;
      const pairs = renames(list);
      const rxjs = pairs.filter(([name]) => !nameOf.has(name)).map(([name, local]) => [rxjsOf.get(name), local]);
      const ours = pairs.filter(([name]) => nameOf.has(name)).map(([name, local]) => [nameOf.get(name), local]);
      return `import { ${listed(rxjs)} } from "rxjs";\nimport { ${listed(ours)} } from "./${entryFile}";`;
    });
    const names = new Set(exported.values());
    const rest = renames(EXPORT.exec(text)[1]).filter(([, name]) => !names.has(name));
    result.set(file, code.replace(EXPORT, `export { ${listed(rest)} };`));
  }
  return { texts: result, shared: from.slice(2) };
}

/** What {@link internals} found out, which takes a while. */
let known;

/**
 * The files of `dist/browser`: as ES modules, the entry and what it loads later; as `single`, one file with all in it.
 * Names that nobody outside can see are short. Annotations stay, so that the bundler of an application can leave out
 * what is not used.
 * @param {{ format: 'esm' | 'cjs', name: string, single?: boolean, development?: boolean }} options with
 * `development`, messages are whole; see {@link withShortMessages}
 */
export async function browserFiles({ format, name, single = false, development = false }) {
  known ??= internals(entry);
  const { mayBeShort, sources } = known;
  const privates = {
    name: 'privates',
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/, namespace: 'file' }, ({ path }) => {
        const source = sources.get(path);
        return { contents: development ? source : withShortMessages(source), loader: 'ts' };
      });
    },
  };
  const { outputFiles, metafile } = await build({
    ...browserBundle,
    entryPoints: { [name]: entry },
    // In a single file nothing is loaded later.
    plugins: single
      ? [browserTwins(/\/parts\.js$/), oneRxjs, privates]
      : [browserTwins(), oneRxjs, oneSharedFile, privates],
    format,
    splitting: !single,
    outdir: 'dist/browser',
    outExtension: { '.js': format === 'cjs' ? '.cjs' : '.js' },
    chunkNames: '[name]-[hash]',
    minifySyntax: true,
    tsconfigRaw: { compilerOptions: { useDefineForClassFields: false } },
    mangleProps: mayBeShort,
    sourcemap: 'external',
    sourcesContent: false,
    legalComments: 'none',
    write: false,
  });
  const texts = new Map(outputFiles.map((file) => [basename(file.path), file.text]));
  const outputs = new Map(Object.entries(metafile.outputs).map(([path, output]) => [basename(path), output]));
  const entryFile = `${name}${format === 'cjs' ? '.cjs' : '.js'}`;
  if (single) {
    const { inputs } = outputs.get(entryFile);
    return [
      await shortened(texts.get(entryFile), texts.get(`${entryFile}.map`), { file: entryFile, isPart: false, inputs }),
    ];
  }
  const one = inOneEntry(texts, entryFile);
  return Promise.all(
    [...one.texts].map(([file, code]) => {
      const origin = file === entryFile ? one.shared : file;
      const { inputs } = outputs.get(origin);
      return shortened(code, texts.get(`${origin}.map`), { file, isPart: file !== entryFile, inputs });
    }),
  );
}

/** Minifies one file, and adds its code and its source map to what is known of it. */
async function shortened(code, map, about) {
  const result = await minify(
    { [about.file]: withoutUnusedImports(code) },
    {
      module: true,
      ecma: 2020,
      compress: {
        passes: 6,
        inline: 1,
        hoist_funs: true,
        pure_getters: true,
        unsafe_arrows: true,
        unsafe_methods: true,
      },
      format: { preserve_annotations: true, comments: false },
      sourceMap: { content: map, url: `${about.file}.map` },
    },
  );
  return { ...about, code: result.code, map: result.map };
}
