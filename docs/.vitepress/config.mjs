import { slugify } from './links.mjs';
import { repositoryMarkdown } from './markdown.mjs';
import { nav, sidebar } from './sidebar.mjs';

/** Long tables of names and dates, in which a search would find everything. */
const NOT_SEARCHED = /^(conformance|reference\/(examples|project)\/)/;

/** What its tables are like: see theme/style.css. */
function pageClass(path) {
  if (path === 'options.md') return 'options typed';
  if (path.startsWith('reference/')) return 'typed';
  return path === 'troubleshooting.md' ? 'symptoms' : undefined;
}

export default {
  title: 'rxmqtt',
  description: 'A reactive MQTT client and broker for TypeScript, built on RxJS',
  lang: 'en',
  // The reports of API Extractor are for reviews.
  srcExclude: ['api/**'],
  outDir: '../artifacts/site',
  cacheDir: '../node_modules/.cache/vitepress',
  head: [['link', { rel: 'icon', href: 'data:,' }]],
  markdown: {
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
    anchor: { slugify },
    toc: { slugify },
    headers: { slugify },
    config: repositoryMarkdown,
  },
  transformPageData({ relativePath, frontmatter }) {
    frontmatter.pageClass = pageClass(relativePath);
    if (relativePath !== 'index.md') return;
    frontmatter.hero.actions = [
      { theme: 'brand', ...nav.at(0) },
      { theme: 'alt', ...nav.at(-1) },
    ];
  },
  themeConfig: {
    nav,
    sidebar,
    outline: { level: [2, 3], label: 'On this page' },
    externalLinkIcon: true,
    search: {
      provider: 'local',
      options: {
        // The reference names everything; what explains it comes first.
        miniSearch: {
          searchOptions: { boostDocument: (path) => (path.startsWith('/reference/') ? 0.2 : 1) },
        },
        _render: (source, env, md) => (NOT_SEARCHED.test(env.relativePath) ? '' : md.render(source, env)),
      },
    },
  },
};
