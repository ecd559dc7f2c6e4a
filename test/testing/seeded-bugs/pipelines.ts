import {
  auditTime,
  bufferCount,
  concatMap,
  debounceTime,
  delay,
  distinctUntilChanged,
  EMPTY,
  filter,
  groupBy,
  interval,
  map,
  mergeMap,
  of,
  scan,
  switchMap,
  throttleTime,
  timer,
  withLatestFrom,
  startWith,
  type Observable,
} from 'rxjs';
import type { MqttMessage } from '../../../src/index.js';
import { bug } from './seeded-bug.js';

type Pipeline<T> = (source: Observable<MqttMessage>) => Observable<T>;

const numbers = (source: Observable<MqttMessage>): Observable<number> => source.pipe(map((m) => m.json<number>()));
const parsed = (m: MqttMessage): Observable<number> => {
  try {
    return of(m.json<number>());
  } catch {
    return EMPTY;
  }
};
const both = <T>(good: Pipeline<T>, bad: Pipeline<T>): { good: Pipeline<T>; bad: Pipeline<T> } => ({ good, bad });

export const pipelines = [
  bug(
    'warns at the threshold instead of above it',
    both(
      (s) => numbers(s).pipe(filter((c) => c > 30)),
      (s) => numbers(s).pipe(filter((c) => c >= 30)),
    ),
    (t, above) => {
      const source = t.messages('a 9ms b 9ms c|', { a: ['t', 20], b: ['t', 30], c: ['t', 31] });
      t.expectObservable(above(source)).toBe('20ms c|', { c: 31 });
    },
  ),
  bug(
    'averages blocks instead of a window that moves',
    both(
      (s) =>
        numbers(s).pipe(
          bufferCount(2, 1),
          filter((w) => w.length === 2),
          map(([a = 0, b = 0]) => (a + b) / 2),
        ),
      (s) =>
        numbers(s).pipe(
          bufferCount(2),
          map(([a = 0, b = 0]) => (a + b) / 2),
        ),
    ),
    (t, average) => {
      const source = t.messages('abc-', { a: ['t', 1], b: ['t', 3], c: ['t', 5] });
      t.expectObservable(average(source)).toBe('-xy-', { x: 2, y: 4 });
    },
  ),
  bug(
    'shows the first value of a burst instead of the last',
    both(
      (s) => numbers(s).pipe(debounceTime(10)),
      (s) => numbers(s).pipe(throttleTime(10)),
    ),
    (t, settled) => {
      const source = t.messages('abc 20ms -|', { a: ['t', 1], b: ['t', 2], c: ['t', 3] });
      t.expectObservable(settled(source)).toBe('12ms c', { c: 3 });
    },
  ),
  bug(
    'dies of one payload that is no JSON',
    both(
      (s) => s.pipe(mergeMap(parsed)),
      (s) => numbers(s),
    ),
    (t, tolerant) => {
      const source = t.messages('abc', { a: ['t', 1], b: ['t', '{'], c: ['t', 3] });
      t.expectObservable(tolerant(source)).toBe('a-c', { a: 1, c: 3 });
    },
  ),
  bug(
    'lets a fast answer overtake a slow one',
    both(
      (s) => numbers(s).pipe(concatMap((ms) => of(ms).pipe(delay(ms)))),
      (s) => numbers(s).pipe(mergeMap((ms) => of(ms).pipe(delay(ms)))),
    ),
    (t, inOrder) => {
      const source = t.messages('ab 20ms -|', { a: ['t', 9], b: ['t', 2] });
      t.expectObservable(inOrder(source)).toBe('9ms a-b', { a: 9, b: 2 });
    },
  ),
  bug(
    'gives up the work on a message when the next one comes',
    both(
      (s) => numbers(s).pipe(concatMap((id) => of(id).pipe(delay(5)))),
      (s) => numbers(s).pipe(switchMap((id) => of(id).pipe(delay(5)))),
    ),
    (t, work) => {
      const source = t.messages('a-b 20ms -|', { a: ['t', 1], b: ['t', 2] });
      t.expectObservable(work(source)).toBe('-----a----b', { a: 1, b: 2 });
    },
  ),
  bug(
    'adds up all devices as if they were one',
    both(
      (s) =>
        s.pipe(
          groupBy((m) => m.topic),
          mergeMap((one$) => numbers(one$).pipe(scan((sum, x) => sum + x, 0))),
        ),
      (s) => numbers(s).pipe(scan((sum, x) => sum + x, 0)),
    ),
    (t, sums) => {
      const source = t.messages('abc', { a: ['x', 1], b: ['y', 1], c: ['x', 1] });
      t.expectObservable(sums(source)).toBe('abc', { a: 1, b: 1, c: 2 });
    },
  ),
  bug(
    'takes a retained message for an event',
    both(
      (s) =>
        s.pipe(
          filter((m) => !m.retain),
          map((m) => m.text()),
        ),
      (s) => s.pipe(map((m) => m.text())),
    ),
    (t, events) => {
      const source = t.messages('ab', { a: ['bell', 'old', { retain: true }], b: ['bell', 'new'] });
      t.expectObservable(events(source)).toBe('-b', { b: 'new' });
    },
  ),
  bug(
    'drops an equal value of another topic as a repetition',
    both(
      (s) =>
        s.pipe(
          distinctUntilChanged((a, b) => a.topic === b.topic && a.text() === b.text()),
          map((m) => m.topic),
        ),
      (s) =>
        s.pipe(
          distinctUntilChanged((a, b) => a.text() === b.text()),
          map((m) => m.topic),
        ),
    ),
    (t, changes) => {
      const source = t.messages('abb', { a: ['x', 1], b: ['y', 1] });
      t.expectObservable(changes(source)).toBe('xy-', { x: 'x', y: 'y' });
    },
  ),
  bug(
    'raises the alarm of silence although messages come',
    both(
      (s) =>
        s.pipe(
          switchMap(() => timer(10)),
          map(() => 'silent'),
        ),
      (s) =>
        s.pipe(
          mergeMap(() => timer(10)),
          map(() => 'silent'),
        ),
    ),
    (t, alarm) => {
      const source = t.messages('a----a---- 10ms -|', { a: ['t'] });
      t.expectObservable(alarm(source)).toBe('15ms s', { s: 'silent' });
    },
  ),
  bug(
    'leaves a timer behind for ever',
    both<unknown>(
      (s) => s.pipe(auditTime(10)),
      (s) => {
        interval(10)
          .pipe(withLatestFrom(s.pipe(startWith(undefined))))
          .subscribe();
        return s.pipe(auditTime(10));
      },
    ),
    (t, sampled) => {
      const last = { topic: 't' };
      const source = t.messages('ab 20ms -|', { a: ['t', 1], b: ['t', 2] });
      t.expectObservable(sampled(source).pipe(map(() => last))).toBe('10ms b 12ms |', { b: last });
    },
  ),
];
