import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cluster } from './cluster.js';

/** What the ring has found, one file a broker, for the tables of `docs/scaling.md`. */
const FOLDER = 'artifacts/clusters';

/** The short form, or the long one. */
export const isShort = process.env['CLUSTERS'] === 'short';

/** Notes what was found about a broker under a heading. */
export function note(heading: string, broker: string, text: string): void {
  const file = join(FOLDER, `${broker}.json`);
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(file, `${JSON.stringify({ ...read(file), [heading]: text }, undefined, 2)}\n`);
}

/** Keeps what the nodes of a cluster have printed, beside the findings. */
export function keepLog(broker: string, { nodes }: Cluster): void {
  const lines = nodes.flatMap(({ name, server }) => server.lines.map(({ at, text }) => ({ at, name, text })));
  const sorted = lines.sort((one, other) => one.at - other.at);
  const texts = sorted.map(({ at, name, text }) => `${new Date(at).toISOString()} ${name} ${text}`);
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(join(FOLDER, `${broker}.log`), `${texts.join('\n')}\n`);
}

function read(file: string): Readonly<Record<string, string>> {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Readonly<Record<string, string>>;
  } catch {
    // The first note.
    return {};
  }
}
