/** Values over time, as uPlot takes them: times in s, and null where nothing was measured. */
export interface History {
  readonly times: readonly number[];
  readonly values: readonly (number | null)[];
  /** The connection that brought the last value, counted from 0. */
  readonly connection: number;
}

export interface Measured {
  /** ms */
  readonly time: number;
  /** NaN if it cannot be read. */
  readonly value: number;
  readonly connection: number;
}

export const NO_HISTORY: History = { times: [], values: [], connection: 0 };

/** s that are kept. */
const KEPT = 300;

/** s without a value after which the line breaks off: devices tell theirs twice a second. */
const LONGEST_STEP = 2.5;

/** The history with one value more. Between two connections, and after a silence, there is a gap: no line crosses it. */
export function extended(history: History, { time, value, connection }: Measured): History {
  const now = time / 1000;
  const first = history.times.findIndex((then) => then >= now - KEPT);
  const times = first < 0 ? [] : history.times.slice(first);
  const values = first < 0 ? [] : history.values.slice(first);
  const last = times.at(-1);
  if (last !== undefined && (connection !== history.connection || now - last > LONGEST_STEP)) {
    times.push((last + now) / 2);
    values.push(null);
  }
  return { times: [...times, now], values: [...values, Number.isFinite(value) ? value : null], connection };
}

/** The newest value, and its time in ms. */
export function newest({ times, values }: History): { readonly time: number; readonly value: number } | undefined {
  for (let at = values.length - 1; at >= 0; at--) {
    const value = values[at];
    if (typeof value === 'number') return { time: (times[at] ?? 0) * 1000, value };
  }
  return undefined;
}

/** The values since a time in s. */
export function since({ times, values }: History, from: number): number[] {
  return values.filter((value, at): value is number => value !== null && (times[at] ?? 0) >= from);
}

/** Where a value stands between two gaps: no line shows it. */
export function lonely({ values }: History): number[] {
  const isGap = (at: number): boolean => (values[at] ?? null) === null;
  return [...values.keys()].filter((at) => !isGap(at) && isGap(at - 1) && isGap(at + 1));
}
