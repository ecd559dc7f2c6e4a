/** Pages in a real Chromium, and the server that they come from. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { chromium } from 'playwright-core';
import { assert } from '../../scripts/rings.mjs';

const CANDIDATES = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.mjs': 'text/javascript', '.css': 'text/css' };
const LIMIT = 20_000;

/** Serves the files of a folder while it is used. */
export async function withSite(folder, use) {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://page');
    const file = pathname === '/' ? 'index.html' : pathname;
    readFile(join(folder, file)).then(
      (body) => response.setHeader('content-type', TYPES[extname(file)] ?? 'text/plain').end(body),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return await use(`http://127.0.0.1:${server.address().port}/`);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

/** Opens a page, waits until its title says so, and fails with what the page has complained of. */
export async function showsTitle(url, title) {
  const executablePath = CANDIDATES.find((path) => path !== undefined && existsSync(path));
  assert(executablePath !== undefined, 'there is no Chromium; install it, or name one in CHROMIUM');
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
  try {
    const page = await browser.newPage();
    const complaints = [];
    page.on('pageerror', ({ stack, message }) => complaints.push(stack ?? message));
    page.on('console', (entry) => complaints.push(entry.text()));
    await page.goto(url);
    try {
      await page.waitForFunction(`document.title === ${JSON.stringify(title)}`, undefined, { timeout: LIMIT });
    } catch {
      throw new Error(`the title is "${await page.title()}" and not "${title}"\n${complaints.join('\n')}`);
    }
  } finally {
    await browser.close();
  }
}
