import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const docs = fileURLToPath(new URL('..', import.meta.url));
const { exports } = JSON.parse(readFileSync(join(docs, '../package.json'), 'utf8'));

/** The title of a page and its place among the others of its folder, which its frontmatter gives as `order`. */
function read(path) {
  const page = readFileSync(join(docs, path), 'utf8');
  const text = /^# (.+)$/m.exec(page)?.[1].replaceAll('`', '') ?? path;
  const order = Number(/^---\n.*?^order: (\d+)$.*?^---$/ms.exec(page)?.[1] ?? Number.MAX_SAFE_INTEGER);
  return { text, order, link: `/${path.replace(/(index)?\.md$/, '')}` };
}

/** The pages of these names that exist. */
const pages = (...names) => names.flatMap((name) => (existsSync(join(docs, `${name}.md`)) ? [read(`${name}.md`)] : []));

/** The pages of a folder in their order; its index is the link of the group. */
function folder(text, name) {
  if (!existsSync(join(docs, name))) return [];
  const files = readdirSync(join(docs, name)).filter((file) => file.endsWith('.md') && file !== 'index.md');
  const items = files.map((file) => read(`${name}/${file}`)).sort((a, b) => a.order - b.order);
  if (items.length === 0) return [];
  return [{ text, items: [...pages(`${name}/index`), ...items] }];
}

const REFERENCE = ['options', 'errors', 'conformance', 'performance', 'releasing'];
const GUIDES = [
  ...[
    'streams',
    'operators',
    'reconnecting',
    'testing',
    'security',
    'scaling',
    'operating',
    'troubleshooting',
    'cli',
    'angular',
  ],
  ...['cloud', 'broker', 'runtimes', 'migrating', 'from-aedes'],
];
/** A page that has no place above is a guide, too. */
const others = readdirSync(docs)
  .map((file) => /^(.+)\.md$/.exec(file)?.[1])
  .filter((name) => name && !['index', 'getting-started', ...REFERENCE, ...GUIDES].includes(name));

/** The entries of the package: `rxmqtt`, `rxmqtt/broker`. */
const entries = Object.keys(exports)
  .filter((name) => name !== './package.json')
  .map((name) => `rxmqtt${name.slice(1)}`);

const api = { text: 'API', items: entries.map((text) => ({ text, link: `/reference/api/${text}/` })) };
const examples = { text: 'Examples', link: '/reference/examples/' };
const changes = { text: 'Changes', link: '/reference/project/changelog' };

const reference = {
  text: 'Reference',
  items: [api, ...pages(...REFERENCE), examples, changes],
};

export const sidebar = [
  ...pages('getting-started'),
  ...folder('Concepts', 'concepts'),
  ...folder('Recipes', 'recipes'),
  { text: 'Guides', items: pages(...GUIDES, ...others) },
  reference,
];

const first = (group) => sidebar.find(({ text }) => text === group)?.items[0].link;

export const nav = [
  ...pages('getting-started'),
  ...['Concepts', 'Recipes', 'Guides'].flatMap((text) => (first(text) ? [{ text, link: first(text) }] : [])),
  { text: 'API', link: '/reference/api/' },
];
