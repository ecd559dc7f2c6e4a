import { withMessage } from './stack.js';

interface Expectation {
  readonly until: number;
  readonly check: () => string | undefined;
  readonly error: Error;
}

/** The expectations of a test. Each is checked as soon as its time is over. */
export class Expectations {
  private readonly waiting = new Set<Expectation>();

  constructor(private readonly now: () => number) {}

  /**
   * Adds an expectation about the time before this frame.
   *
   * @param check returns the problem, or undefined.
   * @param by the function that the test called; the stack of a failure starts at its caller.
   */
  add(until: number, check: () => string | undefined, by: (...args: never[]) => unknown): void {
    const expectation = { until, check, error: calledBy(by) };
    if (until <= this.now()) fail([expectation]);
    else this.waiting.add(expectation);
  }

  /**
   * Adds an expectation that the test has begun. If the test calls none of its methods, it expects nothing, and fails.
   *
   * @param call in words: `t.expectSent("shop")`.
   */
  begun<E extends object>(call: string, by: (...args: never[]) => unknown, expectation: E): E {
    const check = (): string => `${call} expects nothing; add .${Object.keys(expectation)[0] ?? ''}(...)`;
    const silence = { until: Infinity, check, error: calledBy(by) };
    this.waiting.add(silence);
    const methods = Object.entries(expectation).map(([name, method]: [string, (...args: unknown[]) => unknown]) => [
      name,
      (...args: unknown[]) => {
        this.waiting.delete(silence);
        return method(...args);
      },
    ]);
    return Object.fromEntries(methods) as E;
  }

  /** Checks all remaining expectations. */
  verify(): void {
    const waiting = [...this.waiting];
    this.waiting.clear();
    fail(waiting);
  }
}

function calledBy(by: (...args: never[]) => unknown): Error {
  const error = new Error();
  Error.captureStackTrace(error, by);
  return error;
}

/** Throws one error for all problems, at the place of the first. */
function fail(expectations: readonly Expectation[]): void {
  const failed = expectations
    .map(({ check, error }) => ({ problem: check(), error }))
    .filter(({ problem }) => problem !== undefined);
  const [first] = failed;
  if (first === undefined) return;
  const message = failed.map(({ problem }) => problem).join('\n\n');
  throw withMessage(first.error, message);
}
