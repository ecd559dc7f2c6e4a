import { posix } from 'node:path';

/** Documents of the repository that are pages of the site, too. */
export const PROJECT = {
  'CHANGELOG.md': 'changelog',
  'SECURITY.md': 'security',
  'CONTRIBUTING.md': 'contributing',
  'ARCHITECTURE.md': 'architecture',
  'bench/RESULTS.md': 'benchmarks',
};

/** The anchor of a heading, as code hosts make it: one link serves there and on the site. */
export const slugify = (heading) =>
  heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '')
    .replaceAll(' ', '-');

/**
 * Where a link of a document leads on the site. `from` is the path of the document in the repository. Undefined for what
 * the site does not have, such as a test.
 */
export function siteLink(from, target) {
  if (/^([a-z]+:|\/|#)/.test(target)) return target;
  const [file, hash] = target.split('#');
  const path = posix.join(posix.dirname(from), file).replace(/\/$/, '');
  const anchor = hash === undefined ? '' : `#${hash}`;
  if (path === 'README.md') return '/';
  if (path in PROJECT) return `/reference/project/${PROJECT[path]}.md${anchor}`;
  const [folder, name, ...rest] = path.split('/');
  if (folder === 'docs' && name !== 'api') return `/${path.slice('docs/'.length)}${anchor}`;
  if (folder !== 'examples') return undefined;
  if (name === undefined) return '/reference/examples/index.md';
  const inner = rest.length === 0 || rest.at(-1) === 'README.md' ? '' : `#${slugify(rest.join('/'))}`;
  return `/reference/examples/${name.replace(/\.\w+$/, '')}.md${inner}`;
}
