import { readFileSync } from 'node:fs';
import { SCALING } from './configuration.js';

/** What the table in `docs/scaling.md` says of a broker, by heading. */
export function documented(broker: string, headings: readonly string[]): Readonly<Record<string, string | undefined>> {
  const rows = readFileSync(SCALING, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) => line.split('|').map((cell) => cell.trim()));
  const column = rows.find((cells) => cells.includes(broker))?.indexOf(broker) ?? -1;
  const cellOf = (heading: string): string | undefined => rows.find((cells) => cells[1] === heading)?.[column];
  return Object.fromEntries(headings.map((heading) => [heading, cellOf(heading)]));
}
