const LEVELS = '▁▂▃▄▅▆▇█';

/** A character a value, between the lowest and the highest. */
export function sparkline(values: readonly number[], low: number, high: number): string {
  const span = high - low || 1;
  const level = (value: number): number => Math.round(((value - low) / span) * (LEVELS.length - 1));
  return values.map((value) => LEVELS[Math.min(LEVELS.length - 1, Math.max(0, level(value)))]).join('');
}
