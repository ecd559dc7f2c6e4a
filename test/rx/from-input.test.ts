import { lastValueFrom, Observable, of, take, toArray, type Observer } from 'rxjs';
import { ackAfter } from '../../src/operators/ack-after.js';
import { fromInput, type NativeObservable } from '../../src/rx/from-input.js';
import { toObservable } from '../../src/rx/to-observable.js';

/** As browsers have it: no `Symbol.observable`, an AbortSignal instead of a subscription. */
class PlatformObservable<T> implements NativeObservable<T> {
  readonly [Symbol.toStringTag] = 'Observable';

  constructor(
    private readonly values: readonly T[],
    private readonly error?: unknown,
  ) {}

  subscribe({ next, error, complete }: Partial<Observer<T>>, { signal }: { readonly signal: AbortSignal }): void {
    for (const value of this.values) if (!signal.aborted) next?.(value);
    if (signal.aborted) return;
    if (this.error === undefined) complete?.();
    else error?.(this.error);
  }
}

describe('fromInput', () => {
  it.each<[string, Parameters<typeof fromInput<number>>[0]]>([
    ['an Observable of the platform', new PlatformObservable([1, 2])],
    ['an Observable of RxJS', of(1, 2)],
    ['an array', [1, 2]],
    [
      'a generator',
      (function* () {
        yield 1;
        yield 2;
      })(),
    ],
    [
      'an async generator',
      (async function* () {
        yield await Promise.resolve(1);
        yield 2;
      })(),
    ],
  ])('takes %s', async (_, input) => {
    expect(await lastValueFrom(fromInput(input).pipe(toArray()))).toEqual([1, 2]);
  });

  it('hands on the error of an Observable of the platform', () => {
    const error = jest.fn();
    const failure = new Error('no');
    fromInput(new PlatformObservable([1], failure)).subscribe({ error });
    expect(error.mock.calls).toEqual([[failure]]);
  });

  it('aborts an Observable of the platform on unsubscribe', () => {
    const aborted: boolean[] = [];
    const endless: NativeObservable<number> = {
      [Symbol.toStringTag]: 'Observable',
      subscribe({ next }: Partial<Observer<number>>, { signal }: { readonly signal: AbortSignal }): void {
        next?.(1);
        aborted.push(signal.aborted);
        next?.(2);
      },
    } as NativeObservable<number>;
    const heard: number[] = [];
    fromInput(endless)
      .pipe(take(1))
      .subscribe((value) => heard.push(value));
    expect([heard, aborted]).toEqual([[1], [true]]);
  });

  it('returns an Observable of RxJS as it is', () => {
    const source = new Observable<number>();
    expect(fromInput(source)).toBe(source);
  });
});

it('an Observable of the platform is taken for work, and for an answer', async () => {
  const message = { ack: jest.fn() };
  const worked$ = of(message).pipe(
    ackAfter(() => new PlatformObservable([1, 2])),
    toArray(),
  );
  expect(await lastValueFrom(worked$)).toEqual([1, 2]);
  expect(message.ack).toHaveBeenCalledTimes(1);
  expect(await lastValueFrom(toObservable(() => new PlatformObservable([3])))).toBe(3);
});
