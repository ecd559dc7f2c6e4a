/**
 * `npm run test:docs [-- --built]`: the ring of the documents. Builds the site, unless it was, and looks at it as a reader
 * does: it follows each link, looks up each export, searches, and opens pages in Chromium.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { assert, MINUTE, ringOfChecks, root, run } from '../../scripts/rings.mjs';
import { lookAtPages } from './browser.mjs';
import { documentedExports, missingErrors, missingOptions } from './contents.mjs';
import { deadLinks, foreignResources, foreignLinks, readSite } from './site.mjs';

function none(problems) {
  const some = [...new Set(problems)].sort();
  assert(some.length === 0, `${some.length} found:\n${some.slice(0, 40).join('\n')}`);
}

await ringOfChecks('docs', async (check) => {
  // Without a site there is nothing to look at: a build that fails ends the ring.
  if (!process.argv.includes('--built')) await run('npm', ['run', '--silent', 'docs:site'], root, 10 * MINUTE);
  const folder = join(root, 'artifacts/site');
  const pages = await readSite(folder);
  assert(pages.size > 0, `there is no page in ${folder}`);
  await check('each link inside the site leads to a page, and to a heading that is there', () => {
    none(deadLinks(pages));
    return `${pages.size} pages`;
  });
  await check('links to other hosts are https, and lead to hosts that are known', async () => {
    const readme = await readFile(join(root, 'README.md'), 'utf8');
    const links = [...readme.matchAll(/\]\(([^)]+)\)/g)].map(([, target]) => target);
    none(foreignLinks(new Map([...pages, ['README.md', { links }]])));
  });
  await check('no page, script or style asks another host for anything', async () =>
    none(await foreignResources(folder, pages)),
  );
  await check('each export of each entry has a page in the API reference, and a description', () => {
    const { problems, count } = documentedExports(pages);
    none(problems);
    return `${count} exports`;
  });
  await check('docs/options.md has each member of each interface of options', () => none(missingOptions()));
  await check('docs/errors.md has each class of errors, and each code', () => none(missingErrors()));
  await lookAtPages(check, none, folder, pages);
});
