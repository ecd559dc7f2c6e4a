import { Subscription, takeWhile, type Observable } from 'rxjs';
import { ErrorCode, MqttError, QueueFullError } from '../errors.js';
import { Fifo } from '../fifo.js';
import { callback, checkOptions, type Checks, shown, that, unchecked } from '../options/check-options.js';
import { fromAbortSignal } from './from-abort-signal.js';

/** How to handle a value that arrives while the buffer is full; see {@link toAsyncIterable}. @inline */
export type IterableOverflow = 'error' | 'drop-oldest' | 'drop-newest';

/** Options of {@link toAsyncIterable}. */
export interface ToAsyncIterableOptions<T> {
  /** How many values may wait to be read; default 1000. */
  readonly highWaterMark?: number;
  /** Default `'error'`: the iteration throws a {@link QueueFullError} after the buffered values. */
  readonly overflow?: IterableOverflow;
  /** Called with each value that `'drop-oldest'` and `'drop-newest'` drop. It must not throw. */
  readonly onDrop?: (value: T) => void;
  /** Ends a running iteration: it throws the signal's `reason` and drops the buffered values. */
  readonly signal?: AbortSignal;
}

const KNOWN: Checks<ToAsyncIterableOptions<unknown>> = {
  highWaterMark: unchecked,
  overflow: unchecked,
  onDrop: callback,
  signal: that((value) => typeof value === 'object' && value !== null && 'aborted' in value, 'an AbortSignal'),
};

/**
 * Reads a stream with `for await`. Each iteration subscribes to the source on its first `next()`, and unsubscribes when
 * the loop ends.
 *
 * - Ends when the source has completed and the buffer is read.
 * - Throws the source's error after the buffered values, and the reason of an aborted `signal` at once.
 * - Holds at most `highWaterMark` unread values; `overflow` says which value gives way.
 * - Leaving the loop (`break`, `return`, a throw) unsubscribes from the source and drops the buffered values.
 *
 * @throws MqttError `INVALID_OPTION` unless `highWaterMark` is a whole number of at least 1, and for an unknown
 * `overflow`.
 *
 * ```ts
 * for await (const message of toAsyncIterable(client.subscribe('hall/#'), { overflow: 'drop-oldest' })) {
 *   await store(message);
 * }
 * ```
 */
export function toAsyncIterable<T>(source: Observable<T>, options: ToAsyncIterableOptions<T> = {}): AsyncIterable<T> {
  const checked = checkOptions<ToAsyncIterableOptions<T>>(options, KNOWN, 'toAsyncIterable');
  const { highWaterMark = 1000, overflow = 'error', onDrop, signal } = checked;
  if (!Number.isInteger(highWaterMark) || highWaterMark < 1) {
    throw new MqttError(`toAsyncIterable: highWaterMark is ${shown(highWaterMark)}; give a whole number of 1 or more`, {
      code: ErrorCode.INVALID_OPTION,
    });
  }
  if (overflow !== 'error' && overflow !== 'drop-oldest' && overflow !== 'drop-newest') {
    throw new MqttError(
      `toAsyncIterable: overflow is ${shown(overflow)}; give 'error', 'drop-oldest' or 'drop-newest'`,
      { code: ErrorCode.INVALID_OPTION },
    );
  }
  return {
    [Symbol.asyncIterator]: () => new BufferedIterator(source, highWaterMark, overflow, onDrop, signal),
  };
}

type Result<T> = IteratorResult<T, undefined>;

/** The source's error, passed on as it is: an Error by custom only. */
interface Failure {
  readonly error: Error;
}

const DONE: IteratorReturnResult<undefined> = Object.freeze({ done: true, value: undefined });

/** One iteration. Either values wait for readers or readers wait for values, never both. */
class BufferedIterator<T> implements AsyncIterator<T, undefined, undefined> {
  private readonly values = new Fifo<T>();
  private readonly waiters = new Fifo<(result: Result<T> | Promise<Result<T>>) => void>();
  private subscription: Subscription | undefined = undefined;
  private ended = false;
  private failure: Failure | undefined = undefined;

  constructor(
    private readonly source: Observable<T>,
    private readonly highWaterMark: number,
    private readonly overflow: IterableOverflow,
    private readonly onDrop: ((value: T) => void) | undefined,
    private readonly signal: AbortSignal | undefined,
  ) {}

  next(): Promise<Result<T>> {
    if (this.subscription === undefined && !this.ended) this.start();
    return new Promise((resolve) => {
      this.waiters.push(resolve);
      this.settle();
    });
  }

  return(): Promise<Result<T>> {
    this.values.clear();
    this.failure = undefined;
    this.end(undefined);
    return Promise.resolve(DONE);
  }

  private start(): void {
    const subscription = new Subscription();
    this.subscription = subscription;
    if (this.signal !== undefined) {
      subscription.add(
        fromAbortSignal(this.signal).subscribe({
          error: (reason: Error) => {
            this.values.clear();
            this.end({ error: reason });
          },
        }),
      );
    }
    if (this.ended) return;
    subscription.add(
      // A source that emits synchronously has no subscription to end yet; the check is what stops it.
      this.source.pipe(takeWhile(() => !this.ended)).subscribe({
        next: (value) => this.take(value),
        error: (error: Error) => this.end({ error }),
        complete: () => this.end(undefined),
      }),
    );
  }

  private take(value: T): void {
    if (this.values.size < this.highWaterMark) {
      this.values.push(value);
      this.settle();
    } else if (this.overflow === 'drop-oldest') {
      const oldest = this.values.shift() as T;
      this.values.push(value);
      this.onDrop?.(oldest);
    } else if (this.overflow === 'drop-newest') {
      this.onDrop?.(value);
    } else {
      this.end({
        error: new QueueFullError(
          `toAsyncIterable: ${this.highWaterMark} values wait to be read and one more came; ` +
            `read faster, raise highWaterMark, or let overflow be 'drop-oldest' or 'drop-newest'`,
        ),
      });
    }
  }

  /** Only the first end counts. */
  private end(failure: Failure | undefined): void {
    if (this.ended) return;
    this.ended = true;
    this.failure = failure;
    this.subscription?.unsubscribe();
    this.settle();
  }

  /** Serves the waiting readers: values first, then the failure to one of them, and the end to the others. */
  private settle(): void {
    while (this.waiters.size > 0 && (this.values.size > 0 || this.ended)) this.waiters.shift()?.(this.result());
  }

  private result(): Result<T> | Promise<Result<T>> {
    if (this.values.size > 0) return { done: false, value: this.values.shift() as T };
    const { failure } = this;
    this.failure = undefined;
    return failure === undefined ? DONE : Promise.reject(failure.error);
  }
}
