import fc from 'fast-check';
import {
  asapScheduler,
  asyncScheduler,
  debounceTime,
  delay,
  interval,
  merge,
  mergeMap,
  observeOn,
  type Subscription,
  switchMap,
  take,
  timeout,
  timer,
  type Observable,
  type SchedulerAction,
} from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { VirtualClock } from '../../src/testing/virtual-clock.js';
import { virtualTime } from '../../src/testing/virtual-time.js';

/** One step of a program: what is scheduled at the start, what it does when it is due, and what that schedules. */
interface Step {
  readonly kind: 'once' | 'again' | 'asap' | 'interval' | 'operators' | 'cancel';
  readonly delay: number;
  readonly times: number;
  readonly inner: readonly Step[];
}

const { step } = fc.letrec<{ step: Step }>((tie) => ({
  step: fc.record<Step>({
    kind: fc.constantFrom('once', 'again', 'asap', 'interval', 'operators', 'cancel'),
    delay: fc.integer({ min: 0, max: 12 }),
    times: fc.integer({ min: 1, max: 4 }),
    inner: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constant([]),
      fc.array(tie('step'), { maxLength: 3 }),
    ),
  }),
}));

/** Runs a program on RxJS's public schedulers and notes what happens when. */
function play(program: readonly Step[], log: string[], now: () => number): void {
  const running: Subscription[] = [];
  let names = 0;
  const begin = ({ kind, delay: ms, times, inner }: Step): void => {
    const name = `${kind}${names++}`;
    const note = (what: unknown = ''): void => {
      log.push(`${now()} ${name} ${String(what)}`);
    };
    const then = (what?: unknown): void => {
      note(what);
      inner.forEach(begin);
    };
    const watch = (source: Observable<unknown>): void => {
      running.push(source.subscribe({ next: then, complete: () => note('done'), error: () => note('failed') }));
    };
    switch (kind) {
      case 'once':
        running.push(asyncScheduler.schedule(() => then(), ms));
        return;
      case 'asap':
        running.push(asapScheduler.schedule(() => then(), ms % 2 === 0 ? 0 : ms));
        return;
      case 'again': {
        let left = times;
        running.push(
          asyncScheduler.schedule(function (this: SchedulerAction<unknown>) {
            note(left);
            if (--left > 0) this.schedule(undefined, left % 2 === 0 ? ms : ms + 1);
            else inner.forEach(begin);
          }, ms),
        );
        return;
      }
      case 'interval':
        return watch(interval(ms + 1).pipe(take(times)));
      case 'operators':
        return watch(
          merge(
            timer(ms),
            interval(ms + 2).pipe(take(times), delay(3)),
            timer(ms + 1).pipe(observeOn(asapScheduler)),
          ).pipe(
            switchMap((value) =>
              timer(times, 2).pipe(
                take(2),
                mergeMap(() => [value]),
              ),
            ),
            debounceTime(times),
            timeout({ each: 9 }),
          ),
        );
      case 'cancel':
        running[names % Math.max(1, running.length)]?.unsubscribe();
        note();
    }
  };
  program.forEach(begin);
}

/** Undefined where RxJS's own stumbles: it does not stand timers of one moment of which one cancels the other. */
function underTestScheduler(program: readonly Step[]): string[] | undefined {
  const log: string[] = [];
  const scheduler = new TestScheduler(() => undefined);
  try {
    scheduler.run(() => play(program, log, () => scheduler.frame));
  } catch (error) {
    expect(error).toEqual(new Error('Expected a due immediate or interval'));
    return undefined;
  }
  return log;
}

function underVirtualClock(program: readonly Step[]): string[] {
  const log: string[] = [];
  const clock = new VirtualClock(() => undefined);
  const time = virtualTime(clock);
  try {
    clock.run(() => play(program, log, () => clock.frame));
  } finally {
    time.restore();
  }
  return log;
}

describe('the virtual clock', () => {
  test('plays random programs as TestScheduler does', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 6 }), (program) => {
        const expected = underTestScheduler(program);
        fc.pre(expected !== undefined);
        expect(underVirtualClock(program)).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  test('plays random marbles as TestScheduler does', () => {
    const marbles = fc.array(fc.constantFrom('a', 'b', '-', ' 7ms ', '(ab)'), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(marbles, marbles, fc.integer({ min: 1, max: 9 }), (hots, colds, ms) => {
        const play = (scheduler: TestScheduler): unknown[] => {
          const seen: unknown[] = [];
          scheduler.run(({ hot, cold, expectObservable, expectSubscriptions }) => {
            const source = hot(`${hots.join('')}|`);
            const inner = cold(`${colds.join('')}|`);
            expectObservable(
              source.pipe(
                mergeMap(() => inner),
                delay(ms),
              ),
            ).toBe('');
            expectObservable(merge(source, inner).pipe(debounceTime(ms))).toBe('');
            expectSubscriptions(inner.subscriptions).toBe('');
          });
          return seen;
        };
        const actual: unknown[] = [];
        const expected: unknown[] = [];
        play(new TestScheduler((frames) => void expected.push(frames)));
        const clock = new VirtualClock((frames) => void actual.push(frames));
        const time = virtualTime(clock);
        try {
          play(clock);
        } finally {
          time.restore();
        }
        expect(expected).toHaveLength(3);
        expect(actual).toEqual(expected);
      }),
      { numRuns: 200 },
    );
  });

  test('runs asap work before due timers', () => {
    const log: string[] = [];
    const clock = new VirtualClock(() => undefined);
    clock.schedule(() => clock.scheduleAsap(() => void log.push('asap')), 5);
    clock.schedule(() => void log.push('due'), 5);
    clock.advance(5);
    expect(log).toEqual(['asap', 'due']);
  });

  test('gives up everything else when something throws, and throws that', () => {
    const clock = new VirtualClock(() => undefined);
    const later = clock.schedule(() => undefined, 9);
    clock.schedule(() => {
      throw new Error('on purpose');
    }, 5);
    expect(() => clock.advance(20)).toThrow('on purpose');
    expect(later.closed).toBe(true);
    expect(clock.pending).toEqual([]);
  });

  test('stands 20 000 timers, ten times as fast as TestScheduler stands 2 000 at least', () => {
    const program = (count: number) => (): void => {
      for (let i = 0; i < count; i++) {
        const at = 1 + ((i * 7919) % 10_007);
        asyncScheduler.schedule(() => asyncScheduler.schedule(() => undefined, at), at);
      }
    };
    const timed = (run: () => void): number => {
      const started = performance.now();
      run();
      return performance.now() - started;
    };
    const heap = timed(() => {
      const clock = new VirtualClock(() => undefined);
      const time = virtualTime(clock);
      try {
        clock.run(program(20_000));
      } finally {
        time.restore();
      }
    });
    const sorted = timed(() => new TestScheduler(() => undefined).run(program(2000)));
    // RxJS takes a time that grows with the square: ten times as many timers take it a hundred times as long.
    expect(100 * sorted).toBeGreaterThan(10 * heap);
  });

  test('leaves nothing behind on the schedulers', () => {
    const { now } = asyncScheduler;
    const time = virtualTime(new VirtualClock(() => undefined));
    expect(asyncScheduler.now).not.toBe(now);
    time.restore();
    expect(asyncScheduler.now).toBe(now);
    expect(Object.keys(asyncScheduler)).not.toContain('schedule');
    expect(Object.keys(asapScheduler)).not.toContain('schedule');
  });
});
