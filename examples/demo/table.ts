import type { Line } from './paint.js';
import type { Table } from './rolling.js';
import { sparkline } from './sparkline.js';

const WIDTHS = [8, 9, 9, 8, 8, 8] as const;
const GAP = '  ';
const CURVE = 20;

/** Columns of a table, without and with the curves of its windows. */
export const TABLE_WIDTH = WIDTHS.reduce((sum, width) => sum + width, GAP.length);
export const WIDE_TABLE_WIDTH = TABLE_WIDTH + GAP.length + CURVE;

/** A heading, and one line a site, by name. */
export function drawTable(table: Table, columns: number): Line[] {
  const hasCurves = columns >= WIDE_TABLE_WIDTH;
  const cells = ([site = '', ...figures]: readonly string[]): string =>
    GAP + site.padEnd(WIDTHS[0]) + figures.map((figure, at) => figure.padStart(WIDTHS[at + 1] ?? 0)).join('');
  const rows = [...table.values()].sort((a, b) => a.site.localeCompare(b.site));
  return [
    [['dim', cells(['site', 'readings', 'last °C', 'mean', 'low', 'high']) + (hasCurves ? `${GAP}last 20` : '')]],
    ...rows.map(({ site, count, last, mean, low, high, window }): Line => {
      const figures = cells([site, String(count), ...[last, mean, low, high].map((celsius) => celsius.toFixed(2))]);
      return hasCurves ? [figures, GAP, ['cyan', sparkline(window, low, high)]] : [figures];
    }),
  ];
}
