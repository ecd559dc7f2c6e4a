import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { extname, join } from 'node:path';
import { assert } from '../../scripts/rings.mjs';
import { startChromium } from '../browser/support/chromium.ts';

const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };
const PHONE = { width: 390, height: 844 };
const DESKTOP = { width: 1280, height: 900 };
const AXE = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** One page of each kind; those of the folders as far as they exist. */
const REPRESENTATIVE = [
  /^\/index\.html$/,
  /^\/getting-started\.html$/,
  /^\/concepts\/\w[\w-]*\.html$/,
  /^\/recipes\/\w[\w-]*\.html$/,
  /^\/streams\.html$/,
  /^\/options\.html$/,
  /^\/conformance\.html$/,
  /^\/reference\/api\/rxmqtt\/index\.html$/,
  /^\/reference\/api\/rxmqtt\/functions\/publishTo\.html$/,
  /^\/reference\/examples\/rolling-average\.html$/,
];

/** What people ask in their own words, and a page among the first results that answers it. */
const ASKED = [
  ['quarantine', '/reconnecting.html'],
  ['duplicate messages', '/troubleshooting.html'],
  ['every message twice after reconnect', '/troubleshooting.html'],
  ['self-signed certificate', '/troubleshooting.html'],
  ['order of messages', '/concepts/publishing.html'],
  ['corporate proxy', '/concepts/connecting.html'],
  ['memory leak', '/troubleshooting.html'],
  ['last will tab closed', '/recipes/ending.html'],
  ['lambda', '/recipes/ending.html'],
  ['graceful shutdown', '/operating.html'],
  ['docker health check', '/operating.html'],
  ['home assistant', '/recipes/home-assistant.html'],
  ['token expired', '/recipes/token-login.html'],
  ['failover', '/scaling.html'],
];

/** Serves a folder as any server of static files does. */
async function serve(folder) {
  const server = createServer(async ({ url }, response) => {
    const path = decodeURIComponent(new URL(url, 'http://site.invalid').pathname);
    try {
      const body = await readFile(join(folder, path.endsWith('/') ? `${path}index.html` : path));
      response.writeHead(200, { 'content-type': TYPES[extname(path) || '.html'] ?? 'application/octet-stream' });
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { origin: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}

/** Pixels by which a page is wider than its window. */
const overflow = (page) => page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');

/** What axe-core finds wrong: rule, element, and why. */
async function accessibilityProblems(page) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate('axe.run()');
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary}`),
  );
}

export async function lookAtPages(check, none, folder, pages) {
  const { origin, close } = await serve(folder);
  const browser = await startChromium();
  const complaints = [];
  const open = async (viewport, colorScheme) => {
    const context = await browser.newContext({ viewport, colorScheme, reducedMotion: 'reduce' });
    const page = await context.newPage();
    page.on('pageerror', ({ message }) => complaints.push(`${page.url()}: ${message}`));
    page.on('console', (entry) => {
      if (['error', 'warning'].includes(entry.type())) complaints.push(`${page.url()}: ${entry.text()}`);
    });
    page.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(origin) && !url.startsWith('data:')) complaints.push(`${page.url()} asks ${url}`);
    });
    return page;
  };
  const visit = (page, path) => page.goto(origin + path, { waitUntil: 'networkidle' });
  const paths = [...pages.keys()].sort();
  const representative = REPRESENTATIVE.flatMap((pattern) => paths.find((path) => pattern.test(path)) ?? []);

  try {
    for (const [width, viewport] of [
      ['a phone', PHONE],
      ['a desktop', DESKTOP],
    ]) {
      for (const scheme of ['light', 'dark']) {
        await check(`axe-core finds nothing on ${width}, ${scheme}`, async () => {
          const page = await open(viewport, scheme);
          const problems = [];
          for (const path of representative) {
            await visit(page, path);
            problems.push(...(await accessibilityProblems(page)).map((problem) => `${path}: ${problem}`));
          }
          await page.context().close();
          none(problems);
          return `${representative.length} pages`;
        });
      }
    }
    await check('no page scrolls sideways on a phone', async () => {
      const page = await open(PHONE, 'light');
      const wide = [];
      const visited = paths.filter((path) => !path.startsWith('/reference/api/') || representative.includes(path));
      for (const path of visited) {
        await page.goto(origin + path);
        if ((await overflow(page)) > 0) wide.push(path);
      }
      await page.context().close();
      none(wide);
      return `${visited.length} pages`;
    });
    await check('search finds answers to words of users on a server of static files, and leads to them', async () => {
      const page = await open(DESKTOP, 'light');
      await visit(page, '/index.html');
      await page.getByRole('button', { name: 'Search' }).click();
      const missed = [];
      for (const [words, answer] of ASKED) {
        await page.locator('.search-input').fill(words);
        const among = page.locator(`li:nth-child(-n + 5) > .result[href^="${answer}"]`).first();
        await among.waitFor({ timeout: 10_000 }).catch(() => missed.push(`${words}: not ${answer}`));
      }
      none(missed);
      await page.locator('.result').first().click();
      await page.waitForURL((url) => url.pathname !== '/index.html');
      const [words] = ASKED.at(-1);
      const text = await page.locator('main').innerText();
      await page.context().close();
      assert(text.toLowerCase().includes(words), `the page that it leads to does not have "${words}"`);
      return `${ASKED.length} questions`;
    });
    await check('no page reports an error, or asks another host', () => none(complaints));
  } finally {
    await browser.close();
    close();
  }
}
