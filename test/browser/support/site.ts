import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';

const root = join(__dirname, '../../..');
const NONCE = 'dGhlIG9uZSBpbmxpbmUgc2NyaXB0';

/** What a careful page allows: its own scripts, no `eval`, no inline script but the import map. */
const POLICY = [
  "default-src 'none'",
  `script-src 'self' 'nonce-${NONCE}'`,
  "worker-src 'self'",
  'img-src data:',
  "connect-src 'self' ws://127.0.0.1:*",
  "base-uri 'none'",
].join('; ');

const PAGE = `<!doctype html>
<meta charset="utf-8">
<title>page</title>
<link rel="icon" href="data:,">
<script type="importmap" nonce="${NONCE}">{"imports":{"rxmqtt":"/rxmqtt/index.js","rxmqtt/store-level":"/rxmqtt/store-level.js","rxjs":"/rxjs.js"}}</script>
<script type="module" src="/page.js"></script>
`;

/** The page, and one more script on it. */
const DURABLE_PAGE = `${PAGE}<script type="module" src="/durable.js"></script>\n`;

export interface Site {
  /** Where its page is: `http://127.0.0.1:40123/`. */
  readonly url: string;
  close(): Promise<void>;
}

export interface SiteOptions {
  /** Where upgrades of `/mqtt` are passed on to, as behind a reverse proxy. */
  readonly brokerPort?: number;
  /** Serves https. */
  readonly tls?: { readonly cert: string; readonly key: string };
}

const files = new Map<string, string>();

/** Bundles once what the pages ask for. rxmqtt is the browser build itself, as the package ships it. */
function scripts(): ReadonlyMap<string, string> {
  if (files.size > 0) return files;
  const build = join(root, 'dist/browser');
  if (!existsSync(build)) throw new Error('there is no dist/browser; run npm run build');
  for (const name of readdirSync(build, { encoding: 'utf8', recursive: true })) {
    if (name.endsWith('.js')) files.set(`/rxmqtt/${name}`, readFileSync(join(build, name), 'utf8'));
  }
  const esbuild = (entry: string, ...more: string[]): string =>
    execFileSync(join(root, 'node_modules/.bin/esbuild'), [entry, '--bundle', '--log-level=error', ...more], {
      cwd: root,
      encoding: 'utf8',
      env: { ...process.env, NODE_PATH: join(root, 'node_modules') },
    });
  files.set('/rxjs.js', esbuild('node_modules/rxjs/dist/esm/index.js', '--format=esm'));
  const shared = ['--format=esm', '--external:rxmqtt', '--external:rxjs'];
  files.set('/page.js', esbuild('test/browser/pages/page.ts', ...shared));
  files.set('/durable.js', esbuild('test/browser/pages/durable.ts', ...shared));
  for (const name of ['several-tabs', 'hidden-tab', 'quota']) {
    files.set(`/recipes/${name}.js`, esbuild(`examples/recipes/${name}.ts`, ...shared));
  }
  const bundled = `--alias:rxmqtt=${build}/index.js`;
  files.set('/worker.js', esbuild('test/browser/pages/worker.ts', '--format=iife', bundled));
  files.set('/module-worker.js', esbuild('test/browser/pages/module-worker.ts', '--format=esm', bundled));
  return files;
}

/** Serves the test page on a free port. */
export async function startSite({ brokerPort, tls }: SiteOptions = {}): Promise<Site> {
  const served = scripts();
  const pages = new Map([
    ['/', PAGE],
    ['/durable.html', DURABLE_PAGE],
  ]);
  const answer: RequestListener = ({ url = '/' }, response) => {
    const [path = '/'] = url.split('?');
    const script = served.get(path);
    const page = pages.get(path);
    if (script === undefined && page === undefined) {
      response.writeHead(404).end();
      return;
    }
    const type = script === undefined ? 'text/html' : 'text/javascript';
    response.writeHead(200, {
      'content-type': `${type}; charset=utf-8`,
      'content-security-policy': tls === undefined ? POLICY : `${POLICY}; upgrade-insecure-requests`,
      'cache-control': 'no-store',
    });
    response.end(script ?? page);
  };
  const server = tls === undefined ? createServer(answer) : createTlsServer(tls, answer);
  const sockets = new Set<Socket>();
  server.on('upgrade', (request, near: Socket) => {
    const lines = [`GET ${request.url ?? '/'} HTTP/1.1`];
    for (let at = 0; at < request.rawHeaders.length; at += 2) {
      lines.push(`${request.rawHeaders[at] ?? ''}: ${request.rawHeaders[at + 1] ?? ''}`);
    }
    const far = connect({ port: brokerPort ?? 0, host: '127.0.0.1' });
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => sockets.delete(socket));
    }
    far.write(`${lines.join('\r\n')}\r\n\r\n`);
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        sockets.forEach((socket) => socket.destroy());
      }),
  };
}

/** What the package ships for pages, as text. */
export const bundleText = (): string =>
  [...scripts()]
    .filter(([path]) => path.startsWith('/rxmqtt/'))
    .map(([, text]) => text)
    .join('\n');
