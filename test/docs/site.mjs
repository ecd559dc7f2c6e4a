import { readdir, readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';

/** Hosts that a document may link to. Each is known to exist, and to stay. */
const HOSTS = [
  'docs.oasis-open.org',
  'keepachangelog.com',
  'rxjs.dev',
  'semver.org',
  'standardschema.dev',
  'www.npmjs.com',
  'www.rfc-editor.org',
];

const filesOf = async (folder, ending) =>
  (await readdir(folder, { recursive: true })).filter((file) => file.endsWith(ending));
const unescape = (text) => text.replaceAll('&amp;', '&').replaceAll('&quot;', '"').replaceAll('&#39;', "'");
const values = (html, pattern) => [...html.matchAll(pattern)].map(([, value]) => unescape(value));

/** The pages of the built site by their paths: what they link to, what they load, and the headings one can link to. */
export async function readSite(folder) {
  const pages = new Map();
  for (const file of await filesOf(folder, '.html')) {
    const html = await readFile(join(folder, file), 'utf8');
    pages.set(`/${file}`, {
      html,
      ids: new Set(values(html, /\sid="([^"]*)"/g)),
      links: values(html, /<a\s[^>]*?href="([^"]*)"/g),
      resources: values(html, /<(?:script|link|img|iframe|source|video|audio|embed)\s[^>]*?(?:src|href)="([^"]*)"/g),
    });
  }
  return pages;
}

const isForeign = (target) => /^([a-z][a-z\d+.-]*:|\/\/)/i.test(target);

export function deadLinks(pages) {
  const problems = [];
  for (const [path, { links }] of pages) {
    for (const link of links.filter((target) => !isForeign(target))) {
      const [file, hash] = link.split('#');
      let target = file === '' ? path : posix.join(posix.dirname(path), file);
      if (file.startsWith('/')) target = file;
      if (target.endsWith('/')) target += 'index.html';
      const page = pages.get(decodeURI(target));
      if (page === undefined) problems.push(`${path}: ${link} leads to no page`);
      else if (hash && !page.ids.has(decodeURIComponent(hash))) problems.push(`${path}: ${link} leads to no heading`);
    }
  }
  return problems;
}

export function foreignLinks(pages) {
  const problems = [];
  for (const [path, { links }] of pages) {
    for (const link of links.filter(isForeign)) {
      const { protocol, host } = new URL(link, 'https://site.invalid');
      if (protocol !== 'https:' || !HOSTS.includes(host)) problems.push(`${path}: ${link}`);
    }
  }
  return problems;
}

export async function foreignResources(folder, pages) {
  const problems = [];
  for (const [path, { resources }] of pages) {
    const foreign = resources.filter((target) => isForeign(target) && !target.startsWith('data:'));
    problems.push(...foreign.map((target) => `${path}: ${target}`));
  }
  for (const file of await filesOf(folder, '.css')) {
    const style = await readFile(join(folder, file), 'utf8');
    const foreign = values(style, /(?:url\(|@import\s*)["']?((?:https?:)?\/\/[^"')]*)/g);
    problems.push(...foreign.map((target) => `${file}: ${target}`));
  }
  return problems;
}
