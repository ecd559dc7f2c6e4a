import { asyncScheduler } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { afterElapsed, elapsed } from '../../src/rx/clock.js';

afterEach(() => {
  jest.restoreAllMocks();
  jest.useRealTimers();
});

const HOUR = 3_600_000;

describe('elapsed()', () => {
  test('is not moved by setting the clock of the computer', () => {
    for (const step of [HOUR, -HOUR, 24 * HOUR, -24 * HOUR, 400 * 24 * HOUR, -400 * 24 * HOUR]) {
      const before = elapsed();
      const { now } = Date;
      jest.spyOn(Date, 'now').mockImplementation(() => now() + step);
      const passed = elapsed() - before;
      jest.restoreAllMocks();
      expect(passed).toBeGreaterThanOrEqual(0);
      expect(passed).toBeLessThan(1000);
    }
  });

  test('is virtual time under TestScheduler, and continues from the last reading', () => {
    const real = elapsed();
    const moments: number[] = [];
    for (let run = 0; run < 2; run++) {
      new TestScheduler(() => undefined).run(({ cold }) => {
        cold('a 9ms b 89ms c|').subscribe(() => moments.push(elapsed()));
      });
    }
    const [first = 0, ...others] = moments;
    expect(first).toBeGreaterThanOrEqual(real);
    expect(others.map((moment) => moment - first)).toEqual([10, 100, 100, 110, 200]);
    expect(elapsed()).toBeGreaterThanOrEqual(moments.at(-1) as number);
  });

  test('follows fake timers', () => {
    jest.useFakeTimers();
    const before = elapsed();
    jest.advanceTimersByTime(90_000);
    expect(elapsed() - before).toBe(90_000);
    jest.setSystemTime(Date.now() + 24 * HOUR);
    expect(elapsed() - before).toBe(90_000);
  });

  test('costs little', () => {
    const started = performance.now();
    for (let i = 0; i < 100_000; i++) elapsed();
    expect((performance.now() - started) / 100_000).toBeLessThan(0.01);
  });
});

describe('afterElapsed()', () => {
  test('has seen the time pass when it fires, also where fake timers mock one clock only', () => {
    for (const doNotFake of [['performance'], ['Date']] as const) {
      jest.useFakeTimers({ doNotFake: [...doNotFake] });
      const before = elapsed();
      const fired: number[] = [];
      afterElapsed(9000, () => {
        fired.push(elapsed() - before);
        afterElapsed(1, () => fired.push(elapsed() - before));
      });
      jest.advanceTimersByTime(8999);
      expect(fired).toEqual([]);
      jest.advanceTimersByTime(2);
      expect(fired).toHaveLength(2);
      expect(fired[0]).toBeGreaterThanOrEqual(9000 - 1);
      expect(fired[1]).toBeGreaterThanOrEqual(9001 - 2);
      jest.useRealTimers();
    }
  });

  test('sets no timer for longer than platforms can wait', () => {
    const schedule = jest.spyOn(asyncScheduler, 'schedule');
    const month = 40 * 24 * HOUR;
    new TestScheduler(() => undefined).run(({ flush }) => {
      const before = elapsed();
      const fired: number[] = [];
      afterElapsed(month, () => fired.push(elapsed() - before));
      flush();
      expect(fired).toEqual([month]);
    });
    expect(schedule.mock.calls.map(([, delay]) => delay)).toEqual([2 ** 31 - 1]);
  });

  test('is given up by unsubscribing', () => {
    new TestScheduler(() => undefined).run(({ flush }) => {
      const fired = jest.fn();
      afterElapsed(10, fired).unsubscribe();
      flush();
      expect(fired).not.toHaveBeenCalled();
    });
  });
});
