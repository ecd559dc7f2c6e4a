import { readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import * as rxjs from 'rxjs';
import { bundleForBrowsers } from './browser-bundle.js';

const isNodeModule = (path: string): boolean => path.startsWith('node:') || builtinModules.includes(path);

/** The sources that package.json chooses by condition. */
const { imports } = JSON.parse(readFileSync(join(__dirname, '../../package.json'), 'utf8')) as {
  readonly imports: Readonly<Record<string, { readonly browser: string; readonly default: string }>>;
};

describe('the browser face', () => {
  const bundle = bundleForBrowsers({ format: 'esm' });

  it('bundles for the browser without a node: import in its graph', () => {
    expect(bundle.errors).toEqual([]);
    expect(bundle.inputs).toContain('src/browser.ts');
    expect(bundle.inputs.filter(isNodeModule)).toEqual([]);
    expect(bundle.externals.filter((path) => path !== 'rxjs')).toEqual([]);
  });

  it('has the variants that package.json names for browsers, in place of those of Node', () => {
    const variants = Object.values(imports);
    expect(variants.length).toBeGreaterThan(0);
    for (const variant of variants) {
      expect(bundle.inputs).toContain(variant.browser.slice(2));
      expect(bundle.inputs).not.toContain(variant.default.slice(2));
    }
  });

  it('holds no code of another package', () => {
    const packages = bundle.inputs.map((path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1]);
    const foreign = new Set(packages.filter((name) => name !== undefined));
    expect([...foreign]).toEqual([]);
  });

  it('evaluates in a page, which has no Buffer, process, global or require', () => {
    const { text, errors } = bundleForBrowsers({ format: 'iife' });
    expect(errors).toEqual([]);
    // What browsers have and the language alone has not; esbuild asks for rxjs, the one external, by `require`.
    const page = createContext({
      TextEncoder,
      TextDecoder,
      queueMicrotask,
      URL,
      EventTarget,
      rxjsOfThePage: rxjs,
    });
    const exported = runInContext(
      `((require) => { ${text}; return bundle; })((name) => { if (name === 'rxjs') return rxjsOfThePage; throw new Error(name); })`,
      page,
    ) as Record<string, unknown>;
    expect(Object.keys(exported)).toContain('MqttError');
    expect(runInContext('[typeof Buffer, typeof process, typeof global, typeof require]', page)).toEqual(
      Array.from({ length: 4 }, () => 'undefined'),
    );
  });

  it.each([
    ['a node: module', "export { connect } from 'node:net';"],
    ['a bare Node module', "export { readFile } from 'fs';"],
    ['a Node module behind an import()', "export const later = () => import('node:tls');"],
  ])('would not bundle with %s', (_, entry) => {
    const { errors } = bundleForBrowsers({ entry, format: 'esm' });
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatch(/Could not resolve/);
  });
});
