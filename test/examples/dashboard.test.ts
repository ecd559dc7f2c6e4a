import { extended, type History, lonely, newest, NO_HISTORY, since } from '../../examples/angular/src/app/history.js';
import { scaleOf } from '../../examples/angular/src/app/scale.js';

/** The values of a history that grew by these: s, value, connection. */
const grown = (...measured: readonly (readonly [number, number, number?])[]): History =>
  measured.reduce(
    (history, [seconds, value, connection = 0]) => extended(history, { time: seconds * 1000, value, connection }),
    NO_HISTORY,
  );

describe('the history of a value on the dashboard', () => {
  it('joins values that follow each other', () => {
    expect(grown([1, 20], [1.5, 21], [2, 22])).toEqual({ times: [1, 1.5, 2], values: [20, 21, 22], connection: 0 });
  });

  it('has a gap where the connection was another one, however short the outage was', () => {
    expect(grown([1, 20], [2, 22, 1])).toEqual({ times: [1, 1.5, 2], values: [20, null, 22], connection: 1 });
  });

  it('has a gap after a silence', () => {
    expect(grown([1, 20], [11, 22]).values).toEqual([20, null, 22]);
  });

  it('has a gap where a value cannot be read', () => {
    expect(grown([1, 20], [1.5, NaN], [2, 22]).values).toEqual([20, null, 22]);
  });

  it('knows which values stand alone, so that they are shown as points', () => {
    expect(lonely(grown([1, 20], [2, 21, 1], [2.5, 22, 1], [3, 23, 2]))).toEqual([0, 5]);
    expect(lonely(NO_HISTORY)).toEqual([]);
  });

  it('forgets what is older than five minutes', () => {
    const history = grown([1, 20], [2, 21], [302, 22]);
    expect(history.times).toEqual([2, 152, 302]);
    expect(grown([1, 20], [400, 21]).values).toEqual([21]);
  });

  it('knows its newest value with its time, and the values since a time', () => {
    expect(newest(grown([1, 20], [1.5, NaN]))).toEqual({ time: 1000, value: 20 });
    expect(newest(NO_HISTORY)).toBeUndefined();
    expect(since(grown([1, 20], [1.5, NaN], [2, 21], [3, 22]), 2)).toEqual([21, 22]);
  });
});

describe('the scale of a spark line', () => {
  it.each([
    [[71.2, 72.9], { low: 71, high: 73.5, decimals: 1 }],
    [[440, 460], { low: 435, high: 465, decimals: 0 }],
    [[0, 100], { low: -50, high: 150, decimals: 0 }],
    [[5, 5], { low: 4.8, high: 5.2, decimals: 1 }],
    [[0, 0], { low: -0.5, high: 0.5, decimals: 1 }],
    [[], { low: 0, high: 1, decimals: 0 }],
  ])('of %j has round ends around them', (values, expected) => {
    const { low, high, decimals } = scaleOf(values);
    expect({ low: Number(low.toFixed(6)), high: Number(high.toFixed(6)), decimals }).toEqual(expected);
    for (const value of values) expect(value >= low && value <= high).toBe(true);
  });
});
