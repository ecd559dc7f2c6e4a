/** A bundle as wrangler makes it, in workerd: with the dates of compatibility of two years, and with those of Node. */
import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { assert, run } from '../../scripts/rings.mjs';
import { withBroker } from './broker.mjs';
import { exchangeFile } from './bundlers.mjs';
import { project, versionOf } from './installed.mjs';
import { freePort, withServer } from './server.mjs';
import { tested } from './table.mjs';

const CONDITIONS = 'workerd,worker,browser';

/** Names of the worker, its dates, and its flags. */
const SETTINGS = [
  ['compatibility date 2024-01-01', '2024-01-01', []],
  ['newest compatibility date', undefined, []],
  ['nodejs_compat', undefined, ['nodejs_compat']],
];

/** A worker that may dial this machine, which the default does not allow. */
const configuration = (port, date, flags) => `
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    (name = "internet", network = (allow = ["private", "public"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
const worker :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed "bundle.js")],
  compatibilityDate = "${date}",
  compatibilityFlags = ${JSON.stringify(flags)},
);
`;

/** The day of a version such as 1.20261120.0, up to which it knows what has changed. */
const dayOf = (version) => version.replace(/^\d+\.(\d{4})(\d\d)(\d\d)\..*$/, '$1-$2-$3');

export async function workerd(ring) {
  let folder;
  let version;
  await tested(ring, 'workerd', 'Cloudflare workerd', 'bundles a worker', async () => {
    folder = await project(ring, 'workerd', ['workerd', 'esbuild']);
    await cp(exchangeFile, join(folder, 'exchange.js'));
    const args = ['worker.js', '--bundle', '--format=esm', `--conditions=${CONDITIONS}`, '--outfile=bundle.js'];
    await run('npx', ['--no-install', 'esbuild', ...args], folder);
    return (version = await versionOf(folder, 'workerd'));
  });
  for (const [name, date = dayOf(version), flags] of SETTINGS) {
    await tested(ring, 'workerd', 'Cloudflare workerd', `a client in a request, ${name}`, async () => {
      const port = await freePort();
      await writeFile(join(folder, 'worker.capnp'), configuration(port, date, flags));
      const command = join(folder, 'node_modules/@cloudflare/workerd-linux-64/bin/workerd');
      await withBroker(({ ws }) =>
        withServer(command, ['serve', 'worker.capnp'], folder, port, async (url) => {
          const response = await fetch(`${url}/?broker=${encodeURIComponent(ws)}`);
          const text = await response.text();
          assert(text === 'worker 0, 1, 2', `it answers ${response.status}, ${text}`);
        }),
      );
      return version;
    });
  }
}
