import { type } from 'arktype';
import { from, lastValueFrom, of, Subject, toArray } from 'rxjs';
import * as v from 'valibot';
import { z } from 'zod';
import { ErrorCode, PayloadError } from '../../src/errors.js';
import { parse } from '../../src/operators/parse.js';
import type { SchemaResult, StandardSchema } from '../../src/operators/standard-schema.js';
import { message } from './messages.js';
import { marbles } from './run-marbles.js';

const messages = {
  a: message('t/a', '{"n":1}'),
  b: message('t/b', '{"n":2}'),
  x: message('t/x', '{"n":"?"}'),
  y: message('t/y', '{'),
};
const values = { a: { n: 1 }, b: { n: 2 }, r: { n: 0 } };

/** One of each library. */
const schemas: Record<string, StandardSchema<unknown, { n: number }>> = {
  zod: z.object({ n: z.number() }),
  valibot: v.object({ n: v.number() }),
  arktype: type({ n: 'number' }),
};

interface Acked {
  readonly topic: string;
  json(): unknown;
  ack(): void;
}

/** A message that notes what it is acknowledged with. */
function acked(topic: string, payload: string, acks: string[]): Acked {
  return { topic, json: () => message(topic, payload).json(), ack: () => void acks.push(topic) };
}

/** What a function throws. */
function thrownBy(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error('it threw nothing');
}

describe.each(Object.entries(schemas))('parse with %s', (_, schema) => {
  it.each<[string, Parameters<typeof parse<typeof schema>>[1], string, string, string]>([
    ['emits what the schema makes of the payloads', {}, '-a-b-|', '-a-b-|', '^----!'],
    [
      'leaves out what does not match with onError: skip',
      { onError: 'skip' },
      '-a-x-y-b-|',
      '-a-----b-|',
      '^--------!',
    ],
    ['emits what the handler returns', { onError: () => ({ n: 0 }) }, '-x-y-b-|', '-r-r-b-|', '^------!'],
    ['leaves out what the handler returns undefined for', { onError: () => undefined }, '-x-b-|', '---b-|', '^----!'],
  ])('%s', (_says, options, source, expected, subscription) => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source$ = cold(source, messages);
      expectObservable(source$.pipe(parse(schema, options))).toBe(expected, values);
      expectSubscriptions(source$.subscriptions).toBe(subscription);
    })();
  });

  it('errors on a payload that does not match, with topic and issues', () => {
    let error: unknown;
    of(messages.a, messages.x, messages.b)
      .pipe(parse(schema))
      .subscribe({ error: (thrown) => (error = thrown) });
    expect(error).toBeInstanceOf(PayloadError);
    expect(error).toMatchObject({
      code: ErrorCode.INVALID_PAYLOAD,
      topic: 't/x',
      message: 'parse: the payload of "t/x" does not match the schema; see issues',
    });
    const { issues } = error as PayloadError;
    expect(issues).toHaveLength(1);
    expect(issues[0]?.message).toMatch(/number/);
    expect(issues[0]?.path).toHaveLength(1);
  });
});

describe('parse', () => {
  it('is typed by the schema', async () => {
    const heard: { n: number }[] = await lastValueFrom(
      of(messages.a).pipe(parse(z.object({ n: z.number() })), toArray()),
    );
    const doubled: string[] = await lastValueFrom(
      of(messages.b).pipe(
        parse(
          v.pipe(
            v.object({ n: v.number() }),
            v.transform(({ n }) => `${n * 2}`),
          ),
        ),
        toArray(),
      ),
    );
    expect([heard, doubled]).toEqual([[{ n: 1 }], ['4']]);
  });

  it('errors on a payload that is not JSON, with the SyntaxError as cause', () => {
    const error = jest.fn();
    of(messages.y).pipe(parse(schemas['zod']!)).subscribe({ error });
    const [[thrown]] = error.mock.calls as [[PayloadError]];
    expect(thrown).toMatchObject({
      topic: 't/y',
      issues: [],
      message: 'parse: the payload of "t/y" is not JSON; see cause',
    });
    expect(thrown.cause).toEqual(thrownBy(() => messages.y.json()));
  });

  it.each(['skip', () => undefined] as const)('acknowledges what is left out (%#), and nothing else', (onError) => {
    const acks: string[] = [];
    const heard: unknown[] = [];
    from([acked('a', '{"n":1}', acks), acked('x', '{}', acks), acked('y', '{', acks), acked('b', '{"n":2}', acks)])
      .pipe(parse(schemas['zod']!, { onError }))
      .subscribe((value) => heard.push(value));
    expect(heard).toEqual([{ n: 1 }, { n: 2 }]);
    expect(acks).toEqual(['x', 'y']);
  });

  it('calls the handler with error and message, and errors if it throws', () => {
    const error = jest.fn();
    const poison = new Error('poison');
    const heard: unknown[] = [];
    const onError = (bad: PayloadError, { topic }: { topic: string }): never => {
      heard.push(bad.topic, topic);
      throw poison;
    };
    of(messages.x).pipe(parse(schemas['arktype']!, { onError })).subscribe({ error });
    expect(heard).toEqual(['t/x', 't/x']);
    expect(error.mock.calls).toEqual([[poison]]);
  });

  describe('with an asynchronous schema', () => {
    /** Checks when it is told to. */
    class Slow implements StandardSchema<unknown, unknown> {
      readonly asked: Subject<SchemaResult<unknown>>[] = [];
      readonly '~standard' = {
        version: 1 as const,
        vendor: 'test',
        validate: (): Promise<SchemaResult<unknown>> => {
          const answer = new Subject<SchemaResult<unknown>>();
          this.asked.push(answer);
          return lastValueFrom(answer);
        },
      };

      async answer(index: number, result: SchemaResult<unknown> | Error): Promise<void> {
        const answer = this.asked[index]!;
        if (result instanceof Error) answer.error(result);
        else answer.next(result);
        answer.complete();
        await new Promise((resolve) => setImmediate(resolve));
      }
    }

    it('keeps the order, checks one message at a time, and completes behind the last one', async () => {
      const schema = new Slow();
      const log: unknown[] = [];
      of(messages.a, messages.x, messages.b)
        .pipe(parse(schema, { onError: 'skip' }))
        .subscribe({ next: (value) => log.push(value), complete: () => log.push('complete') });
      expect(schema.asked).toHaveLength(1);
      await schema.answer(0, { value: 'first' });
      expect(log).toEqual(['first']);
      expect(schema.asked).toHaveLength(2);
      await schema.answer(1, { issues: [{ message: 'no' }] });
      await schema.answer(2, { value: 'third' });
      expect(log).toEqual(['first', 'third', 'complete']);
    });

    it.each<[string, SchemaResult<unknown> | Error, object]>([
      ['refuses', { issues: [{ message: 'no' }] }, { topic: 't/a', issues: [{ message: 'no' }], cause: undefined }],
      ['rejects', new Error('down'), { topic: 't/a', issues: [], cause: new Error('down') }],
    ])('errors when it %s', async (_, result, expected) => {
      const schema = new Slow();
      const error = jest.fn();
      of(messages.a).pipe(parse(schema)).subscribe({ error });
      await schema.answer(0, result);
      const [[thrown]] = error.mock.calls as [[PayloadError]];
      expect(thrown).toBeInstanceOf(PayloadError);
      expect({ topic: thrown.topic, issues: thrown.issues, cause: thrown.cause }).toEqual(expected);
    });

    it('takes those of zod and valibot', async () => {
      const isEven = (n: number): Promise<boolean> => Promise.resolve(n % 2 === 0);
      const all$ = of(messages.a, messages.b);
      const heard = [
        await lastValueFrom(
          all$.pipe(parse(z.object({ n: z.number().refine(isEven) }), { onError: 'skip' }), toArray()),
        ),
        await lastValueFrom(
          all$.pipe(
            parse(v.objectAsync({ n: v.pipeAsync(v.number(), v.checkAsync(isEven)) }), { onError: 'skip' }),
            toArray(),
          ),
        ),
      ];
      expect(heard).toEqual([[{ n: 2 }], [{ n: 2 }]]);
    });
  });

  it(
    'errors with the source',
    marbles(({ cold, expectObservable }) => {
      expectObservable(cold('-a-#', messages).pipe(parse(schemas['zod']!, { onError: 'skip' }))).toBe('-a-#', values);
    }),
  );

  it(
    'unsubscribes from the source',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source$ = cold('-a-a-a-a', messages);
      expectObservable(source$.pipe(parse(schemas['zod']!)), '^---!').toBe('-a-a', values);
      expectSubscriptions(source$.subscriptions).toBe('^---!');
    }),
  );
});
