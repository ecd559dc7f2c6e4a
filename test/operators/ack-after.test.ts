import { from, of, Subject, take, throwError, type Observable } from 'rxjs';
import { ErrorCode } from '../../src/errors.js';
import { ackAfter } from '../../src/operators/ack-after.js';
import { marbles } from './run-marbles.js';

/** A message that notes in a list that it was acknowledged. */
class Acked {
  constructor(
    readonly name: string,
    private readonly acks: string[],
  ) {}

  ack(): void {
    this.acks.push(this.name);
  }
}

describe('ackAfter', () => {
  interface Case {
    readonly says: string;
    readonly source: string;
    readonly concurrency?: number;
    readonly work: Record<string, readonly [output: string, ...subscriptions: string[]]>;
    readonly expected: string;
    readonly unsubscribe?: string;
    readonly subscription: string;
    readonly acks: readonly string[];
  }
  it.each<Case>([
    {
      says: 'works on one message at a time and emits what the work emits',
      source: '     (ab|)',
      work: { a: ['x-(y|)', '^-!'], b: ['-(z|)', '--^!'] },
      expected: '   x-y(z|)',
      subscription: '(^!)',
      acks: ['a', 'b'],
    },
    {
      says: 'acknowledges in the order in which the work completes',
      source: '     (abc|)',
      concurrency: 2,
      work: { a: ['---|', '^--!'], b: ['-|', '^!'], c: ['-|', '-^!'] },
      expected: '   ---|',
      subscription: '(^!)',
      acks: ['b', 'c', 'a'],
    },
    {
      says: 'does not acknowledge a message whose work errors, nor those still worked on',
      source: '     abc---',
      concurrency: 2,
      work: { a: ['-----|', '^--!'], b: ['--#', '-^-!'], c: ['|'] },
      expected: '   ---#',
      subscription: '^--!',
      acks: [],
    },
    {
      says: 'acknowledges nothing on unsubscribe',
      source: '     ab----',
      concurrency: 2,
      work: { a: ['-|', '^!'], b: ['-----|', '-^-!'] },
      expected: '   ----',
      unsubscribe: '^--!',
      subscription: ' ^--!',
      acks: ['a'],
    },
    {
      says: 'errors with the source',
      source: '     a-#',
      work: { a: ['-----|', '^-!'] },
      expected: '   --#',
      subscription: '^-!',
      acks: [],
    },
  ])('$says', ({ source, concurrency, work, expected, unsubscribe, subscription, acks }) => {
    const acked: string[] = [];
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const messages = { a: new Acked('a', acked), b: new Acked('b', acked), c: new Acked('c', acked) };
      const source$ = cold(source, messages);
      const outputs = new Map(Object.entries(work).map(([name, [output]]) => [name, cold(output)]));
      const project = (message: Acked): Observable<string> => outputs.get(message.name) ?? of('unexpected');
      const options = concurrency === undefined ? {} : { concurrency };
      expectObservable(source$.pipe(ackAfter(project, options)), unsubscribe).toBe(expected);
      expectSubscriptions(source$.subscriptions).toBe(subscription);
      for (const [name, [, ...spans]] of Object.entries(work)) {
        const output = outputs.get(name);
        expect(output).toBeDefined();
        if (output !== undefined) expectSubscriptions(output.subscriptions).toBe(spans);
      }
    })();
    expect(acked).toEqual(acks);
  });

  describe('with a key', () => {
    interface Keyed {
      readonly says: string;
      readonly source: string;
      readonly concurrency: number;
      /** By message, whose key is the first letter of its name. */
      readonly work: Record<string, readonly [output: string, subscription: string]>;
      readonly expected: string;
      readonly acks: readonly string[];
    }
    const named = { a: 'a1', b: 'a2', c: 'a3', x: 'x1', y: 'x2' };
    it.each<Keyed>([
      {
        says: 'works on the messages of a key one after the other, and on other keys beside them',
        source: '   (abx|)',
        concurrency: 3,
        work: { a1: ['---(1|)', '^--!'], a2: ['--(2|)', '---^-!'], x1: ['-(3|)', '^!'] },
        expected: ' -3-1-(2|)',
        acks: ['x1', 'a1', 'a2'],
      },
      {
        says: 'takes no place for a message that waits for its key',
        source: '   (abxy|)',
        concurrency: 2,
        work: {
          a1: ['----(1|)', '^---!'],
          a2: ['-(2|)', '----^!'],
          x1: ['-(3|)', '^!'],
          x2: ['-(4|)', '-^!'],
        },
        expected: ' -34-1(2|)',
        acks: ['x1', 'x2', 'a1', 'a2'],
      },
      {
        says: 'goes on with the message that came first, whatever its key is',
        source: '   (abxy|)',
        concurrency: 1,
        work: { a1: ['-(1|)', '^!'], a2: ['-(2|)', '-^!'], x1: ['-(3|)', '--^!'], x2: ['-(4|)', '---^!'] },
        expected: ' -123(4|)',
        acks: ['a1', 'a2', 'x1', 'x2'],
      },
      {
        says: 'completes when its last work does, also where others of its key waited',
        source: '   ab|',
        concurrency: 2,
        work: { a1: ['---|', '^--!'], a2: ['---|', '---^--!'] },
        expected: ' ------|',
        acks: ['a1', 'a2'],
      },
      {
        says: 'unsubscribes from the work on every key when one fails',
        source: '   (ax)b---',
        concurrency: 2,
        work: { a1: ['--#', '^-!'], x1: ['-----|', '^-!'] },
        expected: ' --#',
        acks: [],
      },
    ])('$says', ({ source, concurrency, work, expected, acks }) => {
      const acked: string[] = [];
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const messages = Object.fromEntries(
          Object.entries(named).map(([letter, name]) => [letter, new Acked(name, acked)]),
        );
        const outputs = new Map(Object.entries(work).map(([name, [output]]) => [name, cold(output)]));
        const project = ({ name }: Acked): Observable<string> => outputs.get(name) ?? of('unexpected');
        const key = ({ name }: Acked): string => name.charAt(0);
        expectObservable(cold(source, messages).pipe(ackAfter(project, { concurrency, key }))).toBe(expected);
        for (const [name, [, span]] of Object.entries(work)) {
          expectSubscriptions(outputs.get(name)!.subscriptions).toBe(span);
        }
      })();
      expect(acked).toEqual(acks);
    });

    it('errors when the key throws, and acknowledges nothing', () => {
      const acked: string[] = [];
      const error = jest.fn();
      const failure = new Error('no such key');
      of(new Acked('a', acked))
        .pipe(
          ackAfter(() => of(1), {
            key: () => {
              throw failure;
            },
          }),
        )
        .subscribe({ error });
      expect(error.mock.calls).toEqual([[failure]]);
      expect(acked).toEqual([]);
    });
  });

  it('acknowledges before it starts on the next message, and not before the work is done', () => {
    const log: string[] = [];
    const done = { a: new Subject<void>(), b: new Subject<void>() };
    const messages = (['a', 'b'] as const).map((name) => ({ name, ack: () => void log.push(`ack ${name}`) }));
    from(messages)
      .pipe(
        ackAfter(({ name }) => {
          log.push(`work ${name}`);
          return done[name];
        }),
      )
      .subscribe();
    expect(log).toEqual(['work a']);
    done.a.next();
    expect(log).toEqual(['work a']);
    done.a.complete();
    expect(log).toEqual(['work a', 'ack a', 'work b']);
  });

  it('acknowledges nothing when the stream ends while work emits synchronously', () => {
    const acks: string[] = [];
    of(new Acked('a', acks))
      .pipe(
        ackAfter(() => of('x', 'y')),
        take(1),
      )
      .subscribe();
    expect(acks).toEqual([]);
  });

  it('accepts a promise as work', async () => {
    const acked: string[] = [];
    const results = await new Promise<number[]>((resolve, reject) => {
      const all: number[] = [];
      from([new Acked('a', acked), new Acked('b', acked)])
        .pipe(ackAfter(({ name }) => Promise.resolve(name.charCodeAt(0))))
        .subscribe({ next: (value) => all.push(value), error: reject, complete: () => resolve(all) });
    });
    expect(results).toEqual([97, 98]);
    expect(acked).toEqual(['a', 'b']);
  });

  it('errors when the project throws or an acknowledgement does, without acknowledging', () => {
    const acked: string[] = [];
    const failure = new Error('database is gone');
    const error = jest.fn();
    const throwing = (): never => {
      throw failure;
    };
    of(new Acked('a', acked)).pipe(ackAfter(throwing)).subscribe({ error });
    of(new Acked('a', acked))
      .pipe(ackAfter(() => throwError(() => failure)))
      .subscribe({ error });
    of({ ack: throwing })
      .pipe(ackAfter(() => of(1)))
      .subscribe({ error });
    expect(error.mock.calls).toEqual([[failure], [failure], [failure]]);
    expect(acked).toEqual([]);
  });

  it('refuses a concurrency of 0', () => {
    expect(() => ackAfter(() => of(1), { concurrency: 0 })).toThrow(
      expect.objectContaining({ code: ErrorCode.INVALID_OPTION }) as Error,
    );
  });
});
