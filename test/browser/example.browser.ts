import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Ring } from './support/ring.js';

describe('examples/browser/index.html', () => {
  let ring: Ring;
  beforeAll(async () => {
    ring = await Ring.start();
  });
  afterAll(() => ring.stop());

  it('runs as it is: it shows the state, and what its button publishes', async () => {
    const context = await ring.browser.newContext();
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('pageerror', ({ message }) => complaints.push(message));
    // The addresses of its import map, and what they import, from here instead of from the network.
    await page.route('https://cdn.jsdelivr.net/npm/**', async (route) => {
      const url = route.request().url();
      const file = url.includes('/rxjs@') ? 'rxjs.js' : `rxmqtt/${url.split('/dist/browser/').at(-1)}`;
      const script = await (await fetch(ring.site.url + file)).text();
      await route.fulfill({
        body: script,
        contentType: 'text/javascript',
        headers: { 'access-control-allow-origin': '*' },
      });
    });
    const file = pathToFileURL(join(__dirname, '../../examples/browser/index.html'));
    await page.goto(`${file.href}?broker=${encodeURIComponent(ring.url)}`);
    await page.getByText('connected').waitFor();
    await page.getByRole('button').click();
    await page.getByText('21').waitFor();
    await page.getByRole('button').click();
    await page.getByText('22').waitFor();
    expect(complaints).toEqual([]);
    await context.close();
  });
});
