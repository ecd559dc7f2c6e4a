import { groupBy, map, mergeMap, type Observable, pipe, scan } from 'rxjs';
import type { Reading } from './readings.js';

/** Readings that the window of a site holds. */
const WINDOW = 20;

interface Row {
  readonly site: string;
  readonly count: number;
  readonly last: number;
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

export type Table = ReadonlyMap<string, Row>;

/** The stream of readings as a table: one row a site, over a rolling window of its last readings. */
export const asTable: (readings$: Observable<Reading>) => Observable<Table> = pipe(
  groupBy(({ site }: Reading) => site),
  mergeMap((site$) =>
    site$.pipe(
      scan((window: readonly Reading[], reading) => [...window, reading].slice(-WINDOW), []),
      map((window, index) => toRow(window, index + 1)),
    ),
  ),
  scan((table: Table, row) => new Map(table).set(row.site, row), new Map<string, Row>()),
);

/** The lines of a table, all of one width. */
export function render(table: Table): string[] {
  const rows = [...table.values()].sort((a, b) => a.site.localeCompare(b.site));
  const line = (site: string, ...cells: readonly string[]): string =>
    `  ${site.padEnd(10)}${cells.map((cell) => cell.padStart(10)).join('')}`;
  return [
    line('site', 'readings', 'last °C', 'mean', 'low', 'high'),
    ...rows.map(({ site, count, last, mean, low, high }) =>
      line(site, String(count), ...[last, mean, low, high].map((celsius) => celsius.toFixed(2))),
    ),
  ];
}

function toRow(window: readonly Reading[], count: number): Row {
  const values = window.map(({ celsius }) => celsius);
  return {
    site: window[0]?.site ?? '',
    count,
    last: values.at(-1) ?? NaN,
    mean: values.reduce((sum, value) => sum + value, 0) / values.length,
    low: Math.min(...values),
    high: Math.max(...values),
  };
}
