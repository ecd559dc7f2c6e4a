import { shown } from '../options/check-options.js';

/** A time in ms, or with units: `'90s'`, `'5ms'`, `'2m'`, `'1h 30m'`. */
export type Duration = number | string;

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * The duration in ms.
 * @throws TypeError for anything else.
 */
export function toMs(duration: Duration): number {
  if (typeof duration === 'number') {
    if (duration >= 0) return duration;
    throw new TypeError(`${duration} is not a duration: time cannot go back`);
  }
  const text = typeof duration === 'string' ? duration.replace(/\s+/g, '') : '';
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)];
  if (text === '' || parts.map(([part]) => part).join('') !== text) {
    throw new TypeError(`${shown(duration)} is not a duration; write it as 250, '250ms', '90s', '5m' or '1h 30m'`);
  }
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (UNITS[unit as string] as number), 0);
}

/** The shortest way to write a number of ms. */
export function showMs(ms: number): string {
  for (const unit of ['h', 'm', 's']) {
    const size = UNITS[unit] as number;
    if (ms >= size && ms % size === 0) return `${ms / size}${unit}`;
  }
  return `${ms}ms`;
}
