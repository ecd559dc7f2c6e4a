import { map, type OperatorFunction, pipe, scan } from 'rxjs';
import type { Reading } from './readings.js';

/** What is known of a site from its last readings. */
export interface Row {
  readonly site: string;
  /** All readings so far. */
  readonly count: number;
  readonly last: number;
  readonly mean: number;
  readonly low: number;
  readonly high: number;
  /** °C of the last readings, the newest last. */
  readonly window: readonly number[];
}

/** By site. */
export type Table = ReadonlyMap<string, Row>;

/** The readings of one site as a row that rolls on with each of them, over a window of the last `size`. */
export function rolling(size: number): OperatorFunction<Reading, Row> {
  return pipe(
    scan((window: readonly Reading[], reading: Reading) => [...window, reading].slice(-size), []),
    map((readings, index) => toRow(readings, index + 1)),
  );
}

export function withRow(table: Table, row: Row): Table {
  return new Map(table).set(row.site, row);
}

export const NO_ROWS: Table = new Map();

function toRow(readings: readonly Reading[], count: number): Row {
  const window = readings.map(({ celsius }) => celsius);
  return {
    site: readings[0]?.site ?? '',
    count,
    last: window.at(-1) ?? NaN,
    mean: window.reduce((sum, celsius) => sum + celsius, 0) / window.length,
    low: Math.min(...window),
    high: Math.max(...window),
    window,
  };
}
