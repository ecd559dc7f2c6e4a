import { concat, defer, EMPTY, finalize, from, NEVER, type Observable, of, range, Subject, throwError } from 'rxjs';
import { ErrorCode, QueueFullError } from '../../src/errors.js';
import { toAsyncIterable, type ToAsyncIterableOptions } from '../../src/operators/to-async-iterable.js';

const failure = new Error('connection lost');

/** Reads to the end; what was thrown comes last. */
async function read<T>(iterable: AsyncIterable<T>): Promise<unknown[]> {
  const values: unknown[] = [];
  try {
    for await (const value of iterable) values.push(value);
  } catch (error) {
    values.push({ thrown: error });
  }
  return values;
}

function iterate<T>(source: Observable<T>, options?: ToAsyncIterableOptions<T>): AsyncIterator<T> {
  return toAsyncIterable(source, options)[Symbol.asyncIterator]();
}

describe('toAsyncIterable', () => {
  it('reads every value and ends with the source', async () => {
    expect(await read(toAsyncIterable(of(1, 2, 3)))).toEqual([1, 2, 3]);
    expect(await read(toAsyncIterable(EMPTY))).toEqual([]);
  });

  it('throws the error of the source after the buffered values, once', async () => {
    const iterator = iterate(
      concat(
        of(1, 2),
        throwError(() => failure),
      ),
    );
    expect(await iterator.next()).toEqual({ done: false, value: 1 });
    expect(await iterator.next()).toEqual({ done: false, value: 2 });
    await expect(iterator.next()).rejects.toBe(failure);
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });

  it('subscribes on the first next() of each iteration', async () => {
    let subscriptions = 0;
    const iterable = toAsyncIterable(defer(() => of(++subscriptions)));
    iterable[Symbol.asyncIterator]();
    expect(subscriptions).toBe(0);
    expect(await read(iterable)).toEqual([1]);
    expect(await read(iterable)).toEqual([2]);
  });

  it('gives values to waiting readers in order, and ends them all', async () => {
    const source$ = new Subject<string>();
    const iterator = iterate(source$);
    const results = [iterator.next(), iterator.next(), iterator.next(), iterator.next()];
    source$.next('a');
    source$.next('b');
    source$.complete();
    expect(await Promise.all(results)).toEqual([
      { done: false, value: 'a' },
      { done: false, value: 'b' },
      { done: true, value: undefined },
      { done: true, value: undefined },
    ]);
  });

  it('rejects the first waiting reader on an error, and ends the others', async () => {
    const source$ = new Subject<string>();
    const iterator = iterate(source$);
    const results = Promise.allSettled([iterator.next(), iterator.next()]);
    source$.error(failure);
    expect(await results).toEqual([
      { status: 'rejected', reason: failure },
      { status: 'fulfilled', value: { done: true, value: undefined } },
    ]);
  });

  it.each<[string, ToAsyncIterableOptions<number>, unknown[], number[]]>([
    ['drop-oldest keeps the last', { overflow: 'drop-oldest' }, [3, 4, 5], [1, 2]],
    ['drop-newest keeps the first', { overflow: 'drop-newest' }, [1, 2, 3], [4, 5]],
    [
      'error throws behind what was buffered',
      { overflow: 'error' },
      [1, 2, 3, { thrown: expect.any(QueueFullError) }],
      [],
    ],
    ['the default is error', {}, [1, 2, 3, { thrown: expect.any(QueueFullError) }], []],
  ])('overflow: %s', async (_, options, expected, expectedDrops) => {
    const drops: number[] = [];
    const source$ = new Subject<number>();
    const iterable = toAsyncIterable(source$, { ...options, highWaterMark: 3, onDrop: (value) => drops.push(value) });
    const iterator = iterable[Symbol.asyncIterator]();
    const first = iterator.next();
    source$.next(0);
    for (let value = 1; value <= 5; value++) source$.next(value);
    expect(source$.observed).toBe(options.overflow?.startsWith('drop') ?? false);
    source$.complete();
    expect(await first).toEqual({ done: false, value: 0 });
    expect(await read({ [Symbol.asyncIterator]: () => iterator })).toEqual(expected);
    expect(drops).toEqual(expectedDrops);
  });

  it('buffers 1000 values by default, and stops an endless synchronous source', async () => {
    const values = await read(toAsyncIterable(range(0, Infinity)));
    expect(values).toHaveLength(1001);
    expect(values.at(999)).toBe(999);
    expect(values.at(1000)).toEqual({ thrown: expect.any(QueueFullError) as unknown });
  });

  it.each(['break', 'throw'])('unsubscribes when the loop is left by %s', async (how) => {
    const finalized = jest.fn();
    const loop = async (): Promise<void> => {
      for await (const value of toAsyncIterable(concat(from([1, 2]), NEVER).pipe(finalize(finalized)))) {
        expect(value).toBe(1);
        if (how === 'break') break;
        throw failure;
      }
    };
    if (how === 'break') await loop();
    else await expect(loop()).rejects.toBe(failure);
    expect(finalized).toHaveBeenCalledTimes(1);
  });

  it('return() ends waiting readers, and an iteration that never began', async () => {
    const source$ = new Subject<string>();
    const iterator = iterate(source$);
    const waiting = iterator.next();
    await iterator.return?.();
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(source$.observed).toBe(false);

    const unused = iterate(source$);
    await unused.return?.();
    expect(await unused.next()).toEqual({ done: true, value: undefined });
    expect(source$.observed).toBe(false);
  });

  it('an aborted signal ends it with its reason, unsubscribes and drops the buffered values', async () => {
    const controller = new AbortController();
    const source$ = new Subject<number>();
    const iterator = iterate(source$, { signal: controller.signal });
    const first = iterator.next();
    source$.next(1);
    source$.next(2);
    controller.abort(failure);
    expect(source$.observed).toBe(false);
    expect(await first).toEqual({ done: false, value: 1 });
    await expect(iterator.next()).rejects.toBe(failure);
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });

  it('an aborted signal rejects the waiting reader', async () => {
    const controller = new AbortController();
    const waiting = iterate(NEVER, { signal: controller.signal }).next();
    controller.abort(failure);
    await expect(waiting).rejects.toBe(failure);
  });

  it('an already aborted signal throws without subscribing', async () => {
    const subscribed = jest.fn(() => of(1));
    const values = await read(toAsyncIterable(defer(subscribed), { signal: AbortSignal.abort(failure) }));
    expect(values).toEqual([{ thrown: failure }]);
    expect(subscribed).not.toHaveBeenCalled();
  });

  it('leaves no listener on the signal once it is over', async () => {
    const { signal } = new AbortController();
    const add = jest.spyOn(signal, 'addEventListener');
    const remove = jest.spyOn(signal, 'removeEventListener');
    expect(await read(toAsyncIterable(of(1), { signal }))).toEqual([1]);
    expect(add).toHaveBeenCalledTimes(1);
    expect(remove).toHaveBeenCalledTimes(1);
    expect(remove.mock.calls[0]?.[1]).toBe(add.mock.calls[0]?.[1]);
  });

  it.each([{ highWaterMark: 0 }, { highWaterMark: 1.5 }, { highWaterMark: Infinity }, { overflow: 'drop' as 'error' }])(
    'refuses %j',
    (options) => {
      expect(() => toAsyncIterable(EMPTY, options)).toThrow(
        expect.objectContaining({ code: ErrorCode.INVALID_OPTION }) as Error,
      );
    },
  );
});
