import { EMPTY, from, NEVER, Observable, of, range, Subject, take, throwError } from 'rxjs';
import type { ColdObservable } from 'rxjs/internal/testing/ColdObservable';
import { ErrorCode } from '../../src/errors.js';
import { publishTo, type Publishable, type Publisher, type PublisherOptions } from '../../src/operators/publish-to.js';
import { marbles } from './run-marbles.js';

/** A client whose `publish` answers by topic. */
function answering<R>(answer: (topic: string) => Observable<R>): Publisher<R> {
  return { publish: answer };
}

const toTopic = (topic: string): Publishable => ({ topic, payload: '' });

describe('publishTo', () => {
  interface Case {
    readonly says: string;
    readonly source: string;
    readonly concurrency?: number;
    readonly onError?: 'error' | 'continue';
    /** One publish a topic: what it answers, and when it is subscribed to. */
    readonly publishes: Record<string, readonly [answer: string, ...subscriptions: string[]]>;
    readonly expected: string;
    readonly unsubscribe?: string;
    readonly subscription: string;
  }
  it.each<Case>([
    {
      says: 'emits the receipts in the order of completion',
      source: '     ab|',
      publishes: { a: ['---(a|)', '^--!'], b: ['-(b|)', '-^!'] },
      expected: '   --b(a|)',
      subscription: '^-!',
    },
    {
      says: 'completes when the source has completed and every publish is settled',
      source: '     a-|',
      publishes: { a: ['-----(a|)', '^----!'] },
      expected: '   -----(a|)',
      subscription: '^-!',
    },
    {
      says: 'completes with an empty source',
      source: '     --|',
      publishes: {},
      expected: '   --|',
      subscription: '^-!',
    },
    {
      says: 'lets no more than the concurrency be under way, first come first served',
      source: '     (abc|)',
      concurrency: 2,
      publishes: { a: ['---(a|)', '^--!'], b: ['-(b|)', '^!'], c: ['-(c|)', '-^!'] },
      expected: '   -bc(a|)',
      subscription: '(^!)',
    },
    {
      says: 'errors with a failed publish and unsubscribes from the others and the source',
      source: '     abc-----',
      concurrency: 2,
      publishes: { a: ['-----(a|)', '^--!'], b: ['--#', '-^-!'], c: ['-(c|)'] },
      expected: '   ---#',
      subscription: '^--!',
    },
    {
      says: 'errors with the source at once and unsubscribes from what is under way',
      source: '     a--#',
      publishes: { a: ['-----(a|)', '^--!'] },
      expected: '   ---#',
      subscription: '^--!',
    },
    {
      says: 'goes on after a failed publish with onError: continue',
      source: '     abc|',
      concurrency: 1,
      onError: 'continue',
      publishes: { a: ['--#', '^-!'], b: ['-(b|)', '--^!'], c: ['-#', '---^!'] },
      expected: '   ---b|',
      subscription: '^--!',
    },
    {
      says: 'unsubscribes from the source and the publishes under way, and starts no other',
      source: '     abc-----',
      concurrency: 2,
      publishes: { a: ['-----(a|)', '^---!'], b: ['-----(b|)', '-^--!'], c: ['-(c|)'] },
      expected: '   -----',
      unsubscribe: '^---!',
      subscription: ' ^---!',
    },
  ])('$says', ({ source, concurrency, onError, publishes, expected, unsubscribe, subscription }) => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source$ = cold(source);
      const answers = new Map<string, ColdObservable<string>>();
      for (const [topic, [answer]] of Object.entries(publishes)) answers.set(topic, cold(answer));
      const client = answering((topic) => answers.get(topic) ?? NEVER);
      const options = {
        ...(concurrency === undefined ? {} : { concurrency }),
        ...(onError === undefined ? {} : { onError }),
      };
      expectObservable(source$.pipe(publishTo(client, toTopic, options)), unsubscribe).toBe(expected);
      expectSubscriptions(source$.subscriptions).toBe(subscription);
      for (const [topic, [, ...spans]] of Object.entries(publishes)) {
        expectSubscriptions((answers.get(topic) as ColdObservable<string>).subscriptions).toBe(spans);
      }
    })();
  });

  it('passes topic, payload and options to the client', () => {
    const calls: unknown[] = [];
    const client: Publisher<string> = {
      publish(topic: string, payload: unknown, options?: PublisherOptions) {
        calls.push([topic, payload, options]);
        return of('receipt');
      },
    };
    const properties = { contentType: 'text/plain' };
    from([
      { topic: 'a', payload: 'x' },
      { topic: 'b', payload: new Uint8Array([1]), qos: 2 as const, retain: true, properties },
    ])
      .pipe(publishTo(client))
      .subscribe();
    expect(calls).toEqual([
      ['a', 'x', { qos: 0, retain: false }],
      ['b', new Uint8Array([1]), { qos: 2, retain: true, properties }],
    ]);
  });

  it('[v5 MQTT-3.3.4-6] sends a received message on without its alias and subscription identifiers', () => {
    const sent: unknown[] = [];
    const client: Publisher<never> = {
      publish(_topic: string, _payload: unknown, options?: PublisherOptions) {
        sent.push(options?.properties);
        return EMPTY;
      },
    };
    const properties = { topicAlias: 3, subscriptionIdentifier: [7], contentType: 'text/plain' };
    of({ topic: 'a', payload: 'x', properties }).pipe(publishTo(client)).subscribe();
    expect(sent).toEqual([{ contentType: 'text/plain' }]);
    expect(properties.topicAlias).toBe(3);
  });

  it('calls onError with the error and the value, even when project or publish throws', () => {
    const failure = new Error('refused');
    const heard: unknown[] = [];
    const client = answering((topic): Observable<string> => {
      if (topic === 'throws') throw failure;
      return topic === 'errors' ? throwError(() => failure) : of(topic);
    });
    const project = (value: string): Publishable => {
      if (value === 'project') throw failure;
      return toTopic(value);
    };
    const receipts: string[] = [];
    const complete = jest.fn();
    from(['a', 'throws', 'b', 'errors', 'project', 'c'])
      .pipe(publishTo(client, project, { onError: (error, value) => void heard.push([error, value]) }))
      .subscribe({ next: (receipt) => receipts.push(receipt), complete });
    expect(receipts).toEqual(['a', 'b', 'c']);
    expect(heard).toEqual(['throws', 'errors', 'project'].map((value) => [failure, value]));
    expect(complete).toHaveBeenCalledTimes(1);
  });

  it('errors with an error thrown by onError', () => {
    const thrown = new Error('enough');
    const error = jest.fn();
    const client = answering(() => throwError(() => new Error('refused')));
    const onError = (): never => {
      throw thrown;
    };
    from(['a', 'b'])
      .pipe(publishTo(client, toTopic, { onError }))
      .subscribe({ error });
    expect(error.mock.calls).toEqual([[thrown]]);
  });

  it('accepts values that arrive while a publish begins, in order', () => {
    const source$ = new Subject<string>();
    const begun: string[] = [];
    const client = answering((topic) => {
      begun.push(topic);
      if (topic === 'a') {
        source$.next('b');
        source$.next('c');
      }
      return of(topic);
    });
    const receipts: string[] = [];
    source$.pipe(publishTo(client, toTopic)).subscribe((receipt) => {
      receipts.push(receipt);
      if (receipt === 'b') source$.next('d');
    });
    source$.next('a');
    expect(begun).toEqual(['a', 'b', 'c', 'd']);
    expect(receipts).toEqual(['a', 'b', 'c', 'd']);
  });

  it('stops an endless synchronous source, and its last publish', () => {
    let live = 0;
    const client = answering(
      (topic) =>
        new Observable<string>((subscriber) => {
          live++;
          subscriber.next(topic);
          return () => live--;
        }),
    );
    const receipts: string[] = [];
    range(0, Infinity)
      .pipe(
        publishTo(client, (n) => toTopic(`${n}`), { concurrency: 5 }),
        take(3),
      )
      .subscribe((receipt) => receipts.push(receipt));
    expect(receipts).toEqual(['0', '1', '2']);
    expect(live).toBe(0);
  });

  it.each(['at once', 'later'])(
    'publishes a million values whose receipts come %s in linear time, without recursion',
    (when) => {
      const count = 1_000_000;
      const open: (() => void)[] = [];
      let most = 0;
      const later = (): Observable<number> =>
        new Observable<number>((subscriber) => {
          open.push(() => {
            subscriber.next(1);
            subscriber.complete();
          });
          most = Math.max(most, open.length);
        });
      const client = answering(when === 'at once' ? () => of(1) : later);
      let receipts = 0;
      const complete = jest.fn();
      range(0, count)
        .pipe(publishTo(client, () => toTopic('a'), { concurrency: 100 }))
        .subscribe({ next: (receipt) => (receipts += receipt), complete });
      while (open.length > 0) (open.pop() as () => void)();
      expect(receipts).toBe(count);
      expect(complete).toHaveBeenCalledTimes(1);
      expect(most).toBe(when === 'at once' ? 0 : 100);
    },
  );

  it('has at most 1000 publishes under way by default', () => {
    let begun = 0;
    const client = answering(() => {
      begun++;
      return NEVER;
    });
    range(0, 5000)
      .pipe(publishTo(client, () => toTopic('a')))
      .subscribe();
    expect(begun).toBe(1000);
  });

  it.each([0, -1, 1.5, NaN])('refuses a concurrency of %s', (concurrency) => {
    expect(() =>
      publishTo(
        answering(() => EMPTY),
        undefined,
        { concurrency },
      ),
    ).toThrow(expect.objectContaining({ code: ErrorCode.INVALID_OPTION }) as Error);
  });
});
