import { asapScheduler, of, Subject } from 'rxjs';
import { ErrorCode } from '../../src/errors.js';
import { conflate } from '../../src/operators/conflate.js';
import { marbles } from './run-marbles.js';

interface Numbered {
  readonly topic: string;
  readonly n: number;
}

const values: Record<string, Numbered> = {
  a: { topic: 'first', n: 1 },
  b: { topic: 'first', n: 2 },
  c: { topic: 'first', n: 3 },
  x: { topic: 'second', n: 1 },
  y: { topic: 'second', n: 2 },
};

describe('conflate', () => {
  interface Case {
    readonly says: string;
    readonly source: string;
    readonly expected: string;
    readonly subscription: string;
    readonly unsubscribe?: string;
  }
  it.each<Case>([
    {
      says: 'emits the newest message of a topic at the end of a period',
      source: '      abc-------|',
      expected: '    ---c------|',
      subscription: '^---------!',
    },
    {
      says: 'begins a period with the first message, and the next one with the message after it',
      source: '      -----ab-----c----|',
      expected: '    --------b------c-|',
      subscription: '^----------------!',
    },
    {
      says: 'emits topics in the order in which they first came in the period',
      source: '      (axb)xa-----|',
      expected: '    ---(bx)-(xa)|',
      subscription: '^-----------!',
    },
    {
      says: 'emits what is left before it completes',
      source: '      a----(xb|)',
      expected: '    ---a-(xb|)',
      subscription: '^----!',
    },
    {
      says: 'completes with a source that has nothing left',
      source: '      a-----|',
      expected: '    ---a--|',
      subscription: '^-----!',
    },
    {
      says: 'errors with the source at once, without what is left',
      source: '      a-#',
      expected: '    --#',
      subscription: '^-!',
    },
    {
      says: 'drops what is left on unsubscribe',
      source: '      a---bx----',
      expected: '    ---a-',
      subscription: '^----!',
      unsubscribe: ' ^----!',
    },
  ])('$says', ({ source, expected, subscription, unsubscribe }) => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source$ = cold(source, values);
      expectObservable(source$.pipe(conflate(3)), unsubscribe).toBe(expected, values);
      expectSubscriptions(source$.subscriptions).toBe(subscription);
    })();
  });

  it(
    'has a tick for a period of 0',
    marbles(({ cold, expectObservable }) => {
      expectObservable(cold('(abx)-c|', values).pipe(conflate(0))).toBe('(bx)--c|', values);
    }),
  );

  it(
    'takes another key than the topic',
    marbles(({ cold, expectObservable }) => {
      const key = ({ n }: Numbered): string => String(n);
      expectObservable(cold('(axby)-|', values).pipe(conflate(3, { key }))).toBe('---(xy)|', values);
    }),
  );

  it(
    'errors when the key throws, and unsubscribes from the source',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source$ = cold('-ab', values);
      const error = new Error('no key');
      const key = ({ n }: Numbered): string => {
        if (n === 2) throw error;
        return '';
      };
      expectObservable(source$.pipe(conflate(3, { key }))).toBe('--#', values, error);
      expectSubscriptions(source$.subscriptions).toBe('^-!');
    }),
  );

  it('acknowledges what a newer message replaces, and nothing else', () => {
    const acks: string[] = [];
    const message = (topic: string, n: number) => ({ topic, n, ack: () => void acks.push(`${topic} ${n}`) });
    const heard: string[] = [];
    of(message('a', 1), message('a', 2), message('b', 1), message('a', 3))
      .pipe(conflate(100))
      .subscribe(({ topic, n }) => heard.push(`${topic} ${n}`));
    expect(acks).toEqual(['a 1', 'a 2']);
    expect(heard).toEqual(['a 3', 'b 1']);
  });

  it('keeps the newest message where an acknowledgement brings the next one', () => {
    const source = new Subject<{ topic: string; n: number; ack(): void }>();
    const heard: number[] = [];
    source.pipe(conflate(100)).subscribe(({ n }) => heard.push(n));
    const next = (n: number): void => source.next({ topic: 'a', n, ack: () => n === 1 && next(3) });
    next(1);
    next(2);
    source.complete();
    expect(heard).toEqual([3]);
  });

  it('keeps messages that arrive during an emission for the next period', () => {
    const scheduled = jest.spyOn(asapScheduler, 'schedule');
    const source = new Subject<Numbered>();
    const heard: number[] = [];
    source.pipe(conflate(0)).subscribe(({ n }) => {
      heard.push(n);
      if (n < 3) source.next({ topic: 'first', n: n + 1 });
    });
    source.next({ topic: 'first', n: 1 });
    expect(heard).toEqual([]);
    source.complete();
    expect(heard).toEqual([1]);
    expect(scheduled).toHaveBeenCalled();
    scheduled.mockRestore();
  });

  it('keeps the type of messages, whichever fields the key reads', () => {
    const key = ({ topic }: { readonly topic: string }): string => topic;
    const heard: number[] = [];
    of({ topic: 'first', n: 1 })
      .pipe(conflate(0, { key }))
      .subscribe(({ n }) => heard.push(n));
    expect(heard).toEqual([1]);
  });

  it.each([-1, NaN, Infinity, 2 ** 31])('refuses a period of %p', (ms) => {
    expect(() => conflate(ms)).toThrow(expect.objectContaining({ code: ErrorCode.INVALID_OPTION }) as Error);
  });
});
