/**
 * Prints how much a page loads of the browser build, with rollup and terser as they come and rxjs not counted, and fails
 * when that outgrows its limit. kB are 1024 bytes of `gzip -9`.
 */
import nodeResolve from '@rollup/plugin-node-resolve';
import terser from '@rollup/plugin-terser';
import { rollup } from 'rollup';
import { gzipSync } from 'node:zlib';

const PAGE = `
import { connect } from 'rxmqtt';
const client = connect('/mqtt');
client.subscribe('tank/level', { qos: 1 }).subscribe((message) => console.log(message.text()));
client.publish('tank/set', '100', { qos: 1 }).subscribe();
`;
const pages = [
  ['connect, subscribe, publish', 54.5, PAGE],
  ["export * from 'rxmqtt'", 64.5, "export * from 'rxmqtt';"],
  ["export * from 'rxmqtt/aws'", 4, "export * from 'rxmqtt/aws';"],
];

/** The page as a module of its own, at a place from where the package finds itself by its name. */
const page = (code) => ({
  name: 'page',
  resolveId: (id) => (id === 'page' ? new URL('../page.js', import.meta.url).pathname : undefined),
  load: (id) => (id.endsWith('/page.js') ? code : undefined),
});

async function bundle(code) {
  const plugins = [page(code), nodeResolve({ exportConditions: ['browser'] }), terser({ module: true })];
  const build = await rollup({ input: 'page', external: 'rxjs', plugins });
  const { output } = await build.generate({ format: 'es' });
  return output.map((chunk) => chunk.code).join('\n');
}

for (const [name, limit, source] of pages) {
  const code = await bundle(source);
  const size = gzipSync(code, { level: 9 }).length / 1024;
  const minified = (code.length / 1024).toFixed(1);
  console.log(`${name}: ${size.toFixed(1)} kB gzip, ${minified} kB minified (limit: ${limit} kB gzip)`);
  if (size > limit) process.exitCode = 1;
}
