interface Expectation {
  readonly until: number;
  readonly check: () => string | undefined;
  readonly error: Error;
}

/** What a test expects: looked at as soon as the time that it speaks of is over. */
export class Expectations {
  private waiting: Expectation[] = [];

  constructor(private readonly now: () => number) {}

  /**
   * Expects something of the time before this frame.
   *
   * @param check says what is wrong, or nothing.
   * @param by the function that the test has called, whose caller is shown.
   */
  add(until: number, check: () => string | undefined, by: (...args: never[]) => unknown): void {
    const error = new Error();
    Error.captureStackTrace(error, by);
    const expectation = { until, check, error };
    if (until <= this.now()) fail([expectation]);
    else this.waiting.push(expectation);
  }

  /** Looks at everything that is left. */
  verify(): void {
    const { waiting } = this;
    this.waiting = [];
    fail(waiting);
  }
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

/** The error with another message, also where its stack shows it. */
export function withMessage(error: Error, message: string): Error {
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  error.message = message;
  error.stack = [`${error.name}: ${message}`, ...frames].join('\n');
  return error;
}
