import { join, sep } from 'node:path';
import { createContext, runInContext } from 'node:vm';

const src = join(__dirname, '../../src') + sep;
const ENTRIES = [
  ...['index', 'browser', 'broker/index', 'packet/index', 'aws/index', 'sans-io/index', 'store-level/index'],
  ...['testing/index', 'testing/jest/index', 'angular/index', 'angular/testing/index', 'cli/run'],
];

/** What the platform adds to the language, and what only browsers have. */
function platformGlobals(): string[] {
  const language = new Set(runInContext('Object.getOwnPropertyNames(globalThis)', createContext({})) as string[]);
  const own = Object.getOwnPropertyNames(globalThis).filter((name) => !language.has(name));
  const browsers = ['document', 'window', 'navigator', 'localStorage', 'location', 'WebSocket', 'self'];
  return [...new Set([...own, ...browsers, 'console', 'Date'])];
}

/** The globals that files of `src/` look at while the entry loads. */
function touchedBy(entry: string): string[] {
  const touched = new Set<string>();
  const originals = new Map<string, PropertyDescriptor | undefined>();
  for (const name of platformGlobals()) {
    const original = Object.getOwnPropertyDescriptor(globalThis, name);
    if (original?.configurable === false) continue;
    originals.set(name, original);
    const value: unknown = (globalThis as Record<string, unknown>)[name];
    Object.defineProperty(globalThis, name, {
      configurable: true,
      get() {
        const { stackTraceLimit } = Error;
        Error.stackTraceLimit = 3;
        const [, , caller = ''] = (new Error().stack ?? '').split('\n');
        Error.stackTraceLimit = stackTraceLimit;
        if (caller.includes(src)) touched.add(`${name} ${caller.slice(caller.indexOf(src) + src.length)}`);
        return value;
      },
    });
  }
  try {
    jest.isolateModules(() => void require(join(src, entry)));
  } finally {
    for (const [name, original] of originals) {
      if (original === undefined) delete (globalThis as Record<string, unknown>)[name];
      else Object.defineProperty(globalThis, name, original);
    }
  }
  return [...touched];
}

it('a global that is touched is seen', () => {
  const { encodeUtf8 } = jest.requireActual<typeof import('../../src/utf8.js')>('../../src/utf8.js');
  expect(encodeUtf8('a')).toHaveLength(1);
  expect(platformGlobals()).toEqual(expect.arrayContaining(['Buffer', 'TextDecoder', 'process', 'document']));
});

it.each(ENTRIES)('loading %s touches no global', (entry) => {
  expect(touchedBy(entry)).toEqual([]);
});
