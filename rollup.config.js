/** The build: one for each platform and module format, with a file an entry and chunks for what entries share. */
import nodeResolve from '@rollup/plugin-node-resolve';
import terser from '@rollup/plugin-terser';
import { isAbsolute } from 'node:path';
import esbuild from 'rollup-plugin-esbuild';

const everywhere = {
  angular: 'src/angular/index.ts',
  aws: 'src/aws/index.ts',
  packet: 'src/packet/index.ts',
  'sans-io': 'src/sans-io/index.ts',
  'store-level': 'src/store-level/index.ts',
};
const node = {
  ...everywhere,
  index: 'src/index.ts',
  broker: 'src/broker/index.ts',
  testing: 'src/testing/index.ts',
  'testing-jest': 'src/testing/jest/index.ts',
  'testing-vitest': 'src/testing/vitest/index.ts',
  'angular-testing': 'src/angular/testing/index.ts',
};
const command = { cli: 'src/cli/main.ts' };
const browser = { ...everywhere, index: 'src/browser.ts' };

/** Keeps the annotations by which the bundler of an application leaves out what is not used. */
const minified = terser({ module: true, format: { comments: false, preserve_annotations: true } });

/** Jest runs no `import()` in CommonJS; bundlers must see the `require` stand in the `try` around it, not in a function. */
const requireInPlace = {
  name: 'require-in-place',
  renderDynamicImport: ({ format, targetModuleId }) =>
    format === 'cjs' && !isAbsolute(targetModuleId ?? '') ? { left: 'Promise.resolve(require(', right: '))' } : null,
};

/** @param {'node' | 'browser'} platform the condition of package.json that its files are chosen by */
function build(platform, format, input, plugins = []) {
  const extension = format === 'cjs' ? 'cjs' : 'js';
  // Assigned in the constructor, fields take less room; defined, they come in one order, which is faster.
  const compilerOptions = { useDefineForClassFields: platform === 'node' };
  return {
    input,
    // Every package, this one too: an entry that needs the client imports it as `rxmqtt`.
    external: /^(?![./#]|src\/)/,
    plugins: [
      nodeResolve({ extensions: ['.ts'], exportConditions: [platform] }),
      esbuild({ target: 'es2022', tsconfigRaw: { compilerOptions } }),
      requireInPlace,
      ...plugins,
    ],
    output: {
      dir: `dist/${platform}`,
      format,
      entryFileNames: `[name].${extension}`,
      chunkFileNames: `chunks/[name]-[hash].${extension}`,
      // For what is minified. The rest reads like the sources, which the package ships.
      sourcemap: platform === 'browser' && format === 'es',
      sourcemapExcludeSources: true,
      interop: 'auto',
      dynamicImportInCjs: false,
    },
  };
}

export default [
  build('node', 'es', { ...node, ...command }),
  build('node', 'cjs', node),
  build('browser', 'es', browser, [minified]),
  build('browser', 'cjs', browser, [minified]),
];
