/**
 * A development server of Vite, and a module that imports `hot-reload.ts` of its folder and accepts its replacement, as a
 * component does. Edits the file once the client is connected: `node hot-reload.mjs FOLDER`.
 */
import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { createServer, createServerModuleRunner } from 'vite';

const [root] = process.argv.slice(2);
const repository = new URL('../../..', import.meta.url).pathname;
const entry = join(root, 'main.ts');
await writeFile(
  entry,
  `import { client } from './hot-reload.ts';
  globalThis.client = client;
  import.meta.hot?.accept('./hot-reload.ts', (next) => (globalThis.client = next.client));`,
);
const server = await createServer({
  root,
  configFile: false,
  logLevel: 'error',
  envPrefix: 'VITE_',
  // Files are not watched: the edit is told below, once.
  server: { middlewareMode: true, ws: false, watch: { ignored: () => true } },
  optimizeDeps: { noDiscovery: true },
  resolve: { alias: { rxmqtt: join(repository, 'src/index.ts') } },
});
const runner = createServerModuleRunner(server.environments.ssr, { hmr: { logger: false } });
await runner.import(entry);
const first = globalThis.client;
const connected = (client) => new Promise((resolve) => client.connected$.subscribe({ next: resolve }));
await connected(first);

const edited = join(root, 'hot-reload.ts');
await appendFile(edited, '\n// edited\n');
// As the watcher does.
server.watcher.emit('change', edited);
await new Promise((resolve) => first.state$.subscribe({ complete: resolve }));
while (globalThis.client === first) await setImmediate();
await connected(globalThis.client);
console.log(first.state.status, globalThis.client.state.status);
await globalThis.client.end();
await runner.close();
await server.close();
