import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Conditions of runtimes that open WebSockets and have no modules of Node. */
const LIKE_A_PAGE = ['react-native', 'workerd', 'worker', 'edge-light', 'browser'];

const { exports: entries } = JSON.parse(readFileSync(join(__dirname, '../../package.json'), 'utf8')) as {
  exports: Record<string, string | Record<string, unknown>>;
};
const withFace = Object.entries(entries).filter(([, entry]) => typeof entry === 'object' && 'browser' in entry);

describe('the export conditions of package.json', () => {
  it.each(withFace)(
    '%s: workers, React Native and edges get what pages get, and all others what Node gets',
    (_, entry) => {
      const conditions = entry as Record<string, unknown>;
      expect(Object.keys(conditions)).toEqual([...LIKE_A_PAGE, 'import', 'require']);
      for (const condition of LIKE_A_PAGE) expect(conditions[condition]).toEqual(conditions['browser']);
    },
  );

  it('are there for each entry without modules of Node', () => {
    expect(withFace.map(([name]) => name)).toEqual([
      '.',
      './angular',
      './store-level',
      './packet',
      './aws',
      './sans-io',
    ]);
  });
});
