/**
 * `npm run test:clusters [-- --short] [jest arguments]`: the ring against clusters of RabbitMQ and NATS, in its short form
 * or in the long one, which also fills the tables of `docs/scaling.md`. `-- nats`, `rabbitmq`, `workers` or `redirects`
 * runs that part alone; `--seed=7` repeats the random faults of a run.
 */
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { runJest } from '../../scripts/jest-ring.mjs';
import { endRing, MINUTE } from '../../scripts/rings.mjs';

const args = process.argv.slice(2);
const isShort = args.includes('--short');
const rest = args.filter((argument) => argument !== '--short');
if (isShort) process.env.CLUSTERS = 'short';
const found = new URL('../../artifacts/clusters/', import.meta.url);
const page = new URL('../../docs/scaling.md', import.meta.url);
await rm(found, { recursive: true, force: true });

const limit = (isShort ? 15 : 60) * MINUTE;
const counts = await runJest('clusters', ['--config', 'jest.clusters.config.cjs', ...rest], limit);
if (!isShort && counts.failed === 0) await fillTables();
await endRing('clusters', counts);

/** Replaces what stands in the rows of the tables by what was found; the rest was not run. */
async function fillTables() {
  const findings = {};
  for (const file of (await readdir(found)).filter((name) => name.endsWith('.json'))) {
    findings[file.replace(/\.json$/, '')] = JSON.parse(await readFile(new URL(file, found), 'utf8'));
  }
  let brokers = [];
  const lines = (await readFile(page, 'utf8')).split('\n').map((line) => {
    if (!line.startsWith('|')) return line;
    const cells = line.split('|').map((cell) => cell.trim());
    const [, heading] = cells;
    if (heading === 'what') brokers = cells.slice(2, -1);
    const texts = brokers.map((broker, at) => findings[broker]?.[heading] ?? cells[at + 2]);
    if (heading === 'what' || /^-+$/.test(heading)) return line;
    return `| ${[heading, ...texts].join(' | ')} |`;
  });
  await writeFile(page, lines.join('\n'));
}
