/**
 * Writes what the site shows of the repository beside docs/: the examples, and the documents at its root. They go to
 * docs/reference, which git ignores.
 */
import { mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PROJECT, siteLink } from './links.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const out = join(root, 'docs/reference');
const read = (path) => readFileSync(join(root, path), 'utf8');
const CODE = /\.(ts|tsx|mts|mjs|cjs|js|html|css|vue)$/;
const NOT_WRITTEN = /(^|\/)(node_modules|dist|\.\w+)\//;

function write(path, lines) {
  mkdirSync(join(out, path, '..'), { recursive: true });
  writeFileSync(join(out, path), `${lines.join('\n')}\n`);
}

/** A document with its links as the site has them. */
function document(path) {
  return read(path).replaceAll(/\[([^\]]*)\]\(([^)\s]+)\)/g, (whole, text, target) => {
    const link = siteLink(path, target);
    return link === undefined ? text : `[${text}](${link})`;
  });
}

const block = (path) => [
  `\`\`\`${/\.(\w+)$/.exec(path)[1].replace(/^[mc]js$/, 'js')}`,
  read(path).trimEnd(),
  '```',
  '',
];

/** The first sentence of the comment at a program's head, or of the one over the first function that it exports. */
function summary(path) {
  const text = read(path);
  const comment =
    /^\/\*\*(.*?)\*\//s.exec(text) ?? /\/\*\*((?:(?!\*\/).)*)\*\/\nexport (?:async )?function/s.exec(text);
  const words = (comment?.[1] ?? '')
    .replaceAll(/^\s*\*\s?/gm, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
  return (/^.*?[.:](?= |$)/.exec(words)?.[0] ?? words).replaceAll(/\{@link (\w+)\}/g, '`$1`').replace(/:$/, '.');
}

function examplePage(name) {
  const path = `examples/${name}`;
  if (statSync(join(root, path)).isFile()) return { intro: summary(path), lines: [`# ${name}`, '', ...block(path)] };
  const files = readdirSync(join(root, path), { recursive: true })
    .filter((file) => !NOT_WRITTEN.test(file))
    .sort();
  const programs = files.filter((file) => CODE.test(file));
  const head = files.includes('README.md') ? [document(`${path}/README.md`)] : [`# ${name}`, ''];
  const lines = programs.flatMap((file) => [`## ${file}`, '', ...block(`${path}/${file}`)]);
  const main = programs.find((file) => /^(main|serve|server|application)\b/.test(file)) ?? programs[0];
  return { intro: summary(`${path}/${main}`), lines: [...head, ...lines] };
}

rmSync(join(out, 'examples'), { recursive: true, force: true });
rmSync(join(out, 'project'), { recursive: true, force: true });
for (const [path, name] of Object.entries(PROJECT)) write(`project/${name}.md`, [document(path)]);

const examples = readdirSync(join(root, 'examples'))
  .sort()
  .map((name) => ({ name, ...examplePage(name) }));
for (const { name, lines } of examples) write(`examples/${name.replace(/\.\w+$/, '')}.md`, lines);
write('examples/index.md', [
  '# Examples',
  '',
  'Each is a program that runs as it is, and that a test runs: `npx tsx examples/rolling-average.ts`.',
  '',
  ...examples.map(({ name, intro }) => {
    const link = `- [${name}](${name.replace(/\.\w+$/, '')}.md)`;
    return intro === '' ? link : `${link}: ${intro}`;
  }),
]);
