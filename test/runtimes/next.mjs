/** A Next application: its server takes the Node face, its pages and its edge take the one for browsers. */
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { assert, MINUTE, run } from '../../scripts/rings.mjs';
import { withBroker } from './broker.mjs';
import { exchangeFile } from './bundlers.mjs';
import { showsTitle } from './chromium.mjs';
import { project, versionOf } from './installed.mjs';
import { freePort, withServer } from './server.mjs';
import { tested } from './table.mjs';

/** Runs the built application while it is used. */
async function withApplication(folder, use) {
  const port = await freePort();
  const next = join(folder, 'node_modules/next/dist/bin/next');
  const args = [next, 'start', '--port', String(port), '--hostname', '127.0.0.1'];
  return withServer(process.execPath, args, folder, port, use);
}

export async function next(ring) {
  process.env.NEXT_TELEMETRY_DISABLED = '1';
  let folder;
  await tested(ring, 'next', 'Next', 'builds an application', async () => {
    folder = await project(ring, 'next', ['next', 'react', 'react-dom']);
    await cp(exchangeFile, join(folder, 'app/exchange.js'));
    await run('npx', ['--no-install', 'next', 'build'], folder, 10 * MINUTE);
    return versionOf(folder, 'next');
  });
  const says = async (path, broker, wanted) => {
    await withApplication(folder, async (url) => {
      const response = await fetch(`${url}${path}?broker=${encodeURIComponent(broker)}`);
      const text = await response.text();
      assert(text === wanted, `it answers ${response.status}, ${text}`);
    });
    return versionOf(folder, 'next');
  };
  await withBroker(async ({ tcp, ws }) => {
    await tested(ring, 'next', 'Next', 'a route of the server, over TCP', () => says('/server', tcp, 'server 0, 1, 2'));
    await tested(ring, 'next', 'Next', 'a route of the edge runtime, over WebSocket', () =>
      says('/edge', ws, 'edge 0, 1, 2'),
    );
    await tested(ring, 'next', 'Next', 'a client component, in Chromium', async () => {
      await withApplication(folder, (url) => showsTitle(`${url}/?broker=${encodeURIComponent(ws)}`, 'client 0, 1, 2'));
      return versionOf(folder, 'next');
    });
  });
}
