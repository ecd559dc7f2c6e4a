import { execFileSync } from 'node:child_process';
import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { endToEnd } from '../../examples/angular-recipes/end-to-end.js';
import { Ring } from './support/ring.js';

const root = join(__dirname, '../..');

/** The application of the recipe, compiled while it runs. Its import has effects, whatever the package says of its own. */
function script(): string {
  const bundle = ['--bundle', '--format=esm', '--target=es2022', '--log-level=error', '--ignore-annotations'];
  const library = ['rxmqtt=index', 'rxmqtt/angular=angular'].map((pair) => {
    const [name, file] = pair.split('=');
    return `--alias:${name}=${join(root, 'dist/browser', `${file}.js`)}`;
  });
  const entry = "import '@angular/compiler'; import './examples/angular-recipes/main.js';";
  return execFileSync(join(root, 'node_modules/.bin/esbuild'), [...bundle, ...library], {
    cwd: root,
    encoding: 'utf8',
    input: entry,
    maxBuffer: 64 * 1024 * 1024,
  });
}

describe('the end-to-end test of docs/angular.md', () => {
  let ring: Ring;
  let url: string;
  let close: () => Promise<void>;

  beforeAll(async () => {
    ring = await Ring.start();
    const pages = new Map([
      [
        '/',
        '<!doctype html><meta charset="utf-8"><app-hall-card></app-hall-card><script type="module" src="/main.js"></script>',
      ],
      ['/main.js', script()],
    ]);
    const server = createServer(({ url: path = '' }, response) => {
      const page = pages.get(path);
      response.writeHead(page === undefined ? 404 : 200, {
        'content-type': path.endsWith('.js') ? 'text/javascript; charset=utf-8' : 'text/html; charset=utf-8',
      });
      response.end(page);
    });
    // As `ng serve` does with `proxy.conf.json`.
    server.on('upgrade', (request, near) => {
      const far = connect({ port: ring.port, host: '127.0.0.1' });
      const headers = request.rawHeaders.flatMap((name, at, all) =>
        at % 2 === 0 ? [`${name}: ${all[at + 1] ?? ''}`] : [],
      );
      far.write(`GET ${request.url ?? ''} HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`);
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        one.on('error', () => other.destroy());
        one.on('close', () => other.destroy());
      }
      near.pipe(far).pipe(near);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    close = () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
  });
  afterAll(async () => {
    await ring.stop();
    await close();
  });

  it('passes in Chromium: values, the button, the broker away and back', async () => {
    const context = await ring.browser.newContext();
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('pageerror', ({ message }) => complaints.push(message));
    await endToEnd(page, {
      url,
      broker: ring.broker,
      stopBroker: () => ring.stopBroker(),
      restartBroker: () => ring.restartBroker(),
    });
    expect(complaints).toEqual([]);
    await context.close();
  });
});
