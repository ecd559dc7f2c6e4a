import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = join(__dirname, '../../..');
const folder = join(root, 'docs/recipes');
const pages = readdirSync(folder).filter((name) => name.endsWith('.md'));
const textOf = (name: string): string => readFileSync(join(folder, name), 'utf8');
const recipes = pages.filter((name) => name !== 'index.md');

/** The programs that a page shows, by their paths, with what it shows of them. */
const shown = recipes.flatMap((page) =>
  [...textOf(page).matchAll(/^`((?:examples\/)[\w./-]+)`:\n\n```(\w+)\n(.*?)^```$/gms)].map(
    ([, path = '', language, program]) => ({ page, path, language, program }),
  ),
);

/** As GitHub and VitePress make them of headings. */
const anchorsOf = (text: string): string[] =>
  [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  );

it.each(shown)('docs/recipes/$page shows $path as it is', ({ path, language, program }) => {
  expect(program).toBe(readFileSync(join(root, path), 'utf8'));
  expect(language).toBe(path.split('.').at(-1));
});

it('each page has a place, a title and a program, and each program a page', () => {
  const files = readdirSync(join(root, 'examples/recipes'), { encoding: 'utf8', recursive: true });
  const programs = files.filter((name) => /\.tsx?$/.test(name)).map((name) => `examples/recipes/${name}`);
  expect(
    shown
      .map(({ path }) => path)
      .filter((path) => path.startsWith('examples/recipes/'))
      .sort(),
  ).toEqual(programs.sort());
  const orders = recipes.map((page) => {
    expect(shown.some((program) => program.page === page)).toBe(true);
    return Number(/^---\norder: (\d+)\n---\n\n# /.exec(textOf(page))?.[1]);
  });
  expect(orders.sort((a, b) => a - b)).toEqual(recipes.map((_, at) => at + 1));
});

it('programs are short', () => {
  for (const { program = '' } of shown) expect(program.split('\n').length).toBeLessThan(80);
});

it('the index names each page', () => {
  const index = textOf('index.md');
  expect(recipes.filter((page) => !index.includes(`](${page})`))).toEqual([]);
});

it.each(pages)('docs/recipes/%s links to files and headings that exist', (page) => {
  for (const [, target = ''] of textOf(page).matchAll(/\]\(([^)\s]+)\)/g)) {
    if (target.startsWith('https:')) continue;
    const [file = '', anchor] = target.split('#');
    const path = file === '' ? join(folder, page) : join(dirname(join(folder, page)), file);
    expect([target, existsSync(path)]).toEqual([target, true]);
    if (anchor !== undefined) expect(anchorsOf(readFileSync(path, 'utf8'))).toContain(anchor);
  }
});
