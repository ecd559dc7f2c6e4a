import { withMessage } from './stack.js';

interface Expectation {
  readonly until: number;
  readonly check: () => string | undefined;
  readonly error: Error;
}

/** What a test expects: looked at as soon as the time that it speaks of is over. */
export class Expectations {
  private readonly waiting = new Set<Expectation>();

  constructor(private readonly now: () => number) {}

  /**
   * Expects something of the time before this frame.
   *
   * @param check says what is wrong, or nothing.
   * @param by the function that the test has called, whose caller is shown.
   */
  add(until: number, check: () => string | undefined, by: (...args: never[]) => unknown): void {
    const expectation = { until, check, error: calledBy(by) };
    if (until <= this.now()) fail([expectation]);
    else this.waiting.add(expectation);
  }

  /**
   * An expectation that the test has begun. One of whose methods none is called claims nothing, and that is a failure.
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

  /** Looks at everything that is left. */
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

/** Throws one error for all that is wrong, at the place of the first. */
function fail(expectations: readonly Expectation[]): void {
  const failed = expectations
    .map(({ check, error }) => ({ problem: check(), error }))
    .filter(({ problem }) => problem !== undefined);
  const [first] = failed;
  if (first === undefined) return;
  const message = failed.map(({ problem }) => problem).join('\n\n');
  throw withMessage(first.error, message);
}
