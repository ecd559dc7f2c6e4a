import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { Ring } from './support/ring.js';

const guide = readFileSync(join(__dirname, '../../docs/getting-started.md'), 'utf8');
const block = (language: string): string =>
  new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'ms').exec(guide)?.[1] ?? '';
/** What Vite does for a page in development. */
const IMPORTS = '<script type="importmap">{"imports":{"rxmqtt":"/rxmqtt/index.js","rxjs":"/rxjs.js"}}</script>';

describe('the page of docs/getting-started.md', () => {
  let ring: Ring;
  let server: Server;
  let address: string;
  beforeAll(async () => {
    ring = await Ring.start();
    const script = block('js').replace('ws://localhost:8083/mqtt', ring.url);
    server = createServer(({ url }, response) => {
      response.setHeader('content-type', url === '/page.js' ? 'text/javascript' : 'text/html');
      response.end(url === '/page.js' ? script : IMPORTS + block('html'));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  });
  afterAll(async () => {
    await ring.stop();
    server.closeAllConnections();
    server.close();
  });

  it('shows in every tab what one of them publishes, and a new tab begins with the last value', async () => {
    const context = await ring.browser.newContext();
    const complaints: string[] = [];
    await context.route(/\/(rxmqtt\/.*|rxjs)\.js$/, async (route) => {
      const { pathname } = new URL(route.request().url());
      const body = await (await fetch(ring.site.url + pathname.slice(1))).text();
      await route.fulfill({ body, contentType: 'text/javascript' });
    });
    const open = async (): Promise<Page> => {
      const page = await context.newPage();
      page.on('pageerror', ({ message }) => complaints.push(message));
      await page.goto(address);
      await page.getByText('connected').waitFor();
      return page;
    };
    const [one, two] = [await open(), await open()];
    await one.getByRole('button').click();
    await two.getByText('21').waitFor();
    await one.getByRole('button').click();
    await two.getByText('22').waitFor();
    const three = await open();
    await three.getByText('22').waitFor();
    expect(complaints).toEqual([]);
    await context.close();
  });
});
