/** The ends of an axis, and how many decimals tell them apart. */
export interface Scale {
  readonly low: number;
  readonly high: number;
  readonly decimals: number;
}

/** Round ends around the values, with room above and below them. */
export function scaleOf(values: readonly number[]): Scale {
  if (values.length === 0) return { low: 0, high: 1, decimals: 0 };
  const low = Math.min(...values);
  const high = Math.max(...values);
  const step = roundStep((high - low || Math.abs(high) / 10 || 1) / 4);
  return {
    low: Math.floor(low / step - 0.25) * step,
    high: Math.ceil(high / step + 0.25) * step,
    decimals: Math.max(0, -Math.floor(Math.log10(step))),
  };
}

/** The next of 1, 2, 5, 10, 20, 50 ... above a length. */
function roundStep(length: number): number {
  const power = 10 ** Math.floor(Math.log10(length));
  const factor = [1, 2, 5].find((one) => one * power >= length) ?? 10;
  return factor * power;
}
