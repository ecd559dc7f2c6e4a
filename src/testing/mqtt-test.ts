import { callback, checkOptions, type Checks, numberIn, that, unchecked } from '../options/check-options.js';
import { makeKit } from './make-kit.js';
import { settle } from './settle.js';
import { withMessage, withoutKit } from './stack.js';
import { StallDetector } from './stall-detector.js';
import type { MqttTest } from './test-kit.js';
import { type MqttTestOptions, TestRun } from './test-run.js';

const KNOWN: Checks<MqttTestOptions> = {
  // `createBroker` checks its options.
  broker: unchecked,
  seed: that(Number.isFinite, 'a number'),
  assertEqual: callback,
  latency: numberIn(0, Infinity, 'ms'),
};

/**
 * Runs a test in virtual time: an MQTT client, its broker, and everything else on RxJS's schedulers. Expectations are
 * checked at the end of the test at the latest. Then the kit ends its clients and its broker. Anything still pending
 * fails the test, and so does a prepared fault that never happened.
 *
 * A test with promises needs an `async` body; promises settle between two moments.
 *
 * @throws Error when an expectation is not met, or something is still pending.
 * @example
 * ```ts
 * mqttTest((t) => {
 *   const client = t.connect({ keepalive: 10 });
 *   t.expectSent(client).toBe('C 8999ms P', { C: 'CONNECT v5 clean', P: 'PINGREQ' });
 * });
 * ```
 */
export function mqttTest<R>(
  body: (t: MqttTest) => R,
  options?: MqttTestOptions,
): R extends Promise<unknown> ? Promise<void> : void;
export function mqttTest(body: (t: MqttTest) => unknown, given: MqttTestOptions = {}): unknown {
  const options = checkOptions<MqttTestOptions>(given, KNOWN, 'mqttTest');
  const origin = new Error();
  Error.captureStackTrace(origin, mqttTest);
  if (!isAsync(body)) return runSync(new TestRun(options, origin, () => false), body);
  const stallDetector = new StallDetector(() => run.failure(STUCK));
  const run: TestRun = new TestRun(options, origin, () => {
    if (!stallDetector.isLikely) return false;
    stallDetector.declare();
    run.close();
    return true;
  });
  return runAsync(run, body, stallDetector);
}

const isAsync = (body: unknown): boolean => Object.prototype.toString.call(body) === '[object AsyncFunction]';

function runSync(run: TestRun, body: (t: MqttTest) => unknown): void {
  try {
    const kit = makeKit(run, (moment) => {
      run.clock.advance(checked(run, moment));
      return NOT_AWAITED;
    });
    const result = run.clock.inside(() => body(kit));
    if (result !== NOT_AWAITED && typeof result === 'object' && result !== null && 'then' in result) {
      throw new Error('the body of mqttTest returned a promise; write it as an async function: async (t) => { ... }');
    }
    run.clock.advance(run.end);
    verify(run);
    run.endAll();
    failOn(run, STILL, run.leftovers());
  } catch (error) {
    throw explained(error, run.hints(true));
  } finally {
    run.close();
  }
}

async function runAsync(run: TestRun, body: (t: MqttTest) => unknown, stallDetector: StallDetector): Promise<void> {
  const asyncClock = new AsyncClock(run);
  stallDetector.watch(() => (asyncClock.isPassing ? Infinity : run.now));
  try {
    const kit = makeKit(run, (moment) => asyncClock.to(checked(run, moment)));
    const connect = kit.connect.bind(kit);
    // Ending takes time on the wire, which passes while the test waits.
    kit.connect = (options) => {
      const client = connect(options);
      const end = client.end.bind(client);
      client.end = (given) => asyncClock.during(end(given));
      return client;
    };
    await Promise.race([run.clock.inside(() => body(kit)), stallDetector.reached]);
    await asyncClock.to(run.end);
    verify(run);
    run.endAll();
    await asyncClock.to(run.now);
    const left = run.leftovers();
    await asyncClock.to(run.now);
    failOn(run, STILL, left);
  } catch (error) {
    throw explained(error, run.hints(false));
  } finally {
    stallDetector.stop();
    asyncClock.isOver = true;
    run.close();
  }
}

const STUCK =
  'the test waits for a promise while no time passes: keep the promise, await t.to(...), and await the promise then';

/** The result of `t.to()` in the synchronous form, in which time has already passed. */
const NOT_AWAITED: PromiseLike<void> = {
  then() {
    throw new Error('t.to() is awaited in the synchronous form of mqttTest; write the body as an async function');
  },
};

/** Lets time pass frame by frame, and promises settle in between. */
class AsyncClock {
  isOver = false;
  isPassing = false;

  constructor(private readonly run: TestRun) {}

  async to(moment: number): Promise<void> {
    if (this.isOver) throw new Error('the test is over, so no more time can pass');
    if (this.isPassing) throw new Error('time is passing already: await the last t.to() or t.by() before the next one');
    this.isPassing = true;
    try {
      for (;;) {
        await this.settled();
        const { next } = this.run.clock;
        if (next === undefined || next > moment) break;
        this.run.clock.advance(next);
      }
      this.run.clock.advance(moment);
      await this.settled();
    } finally {
      this.isPassing = false;
    }
  }

  /** Lets time pass until the promise has settled, unless the test lets time pass itself. */
  async during<T>(promise: Promise<T>): Promise<T> {
    let isPending = true;
    const settled = (): void => void (isPending = false);
    promise.then(settled, settled);
    while (isPending && !this.isOver) {
      await this.settled();
      const { next } = this.run.clock;
      if (isPending && !this.isPassing && !this.isOver && next !== undefined) this.run.clock.advance(next);
    }
    return promise;
  }

  private settled(): Promise<void> {
    return settle(() => this.run.watch.pending.length > 0);
  }
}

function checked(run: TestRun, moment: number): number {
  if (moment < run.now) throw new Error(`time cannot go back: it is ${run.now} ms already, not ${moment} ms`);
  return moment;
}

/** @throws Error when an expectation is not met, or a prepared fault never happened. */
function verify(run: TestRun): void {
  if (run.watch.pending.length > 0) throw run.failure('the time is over');
  run.expectations.verify();
  failOn(run, 'the test has prepared faults or scripts that never happened:', run.unused);
}

const STILL = 'the test is over, but still pending:';

function failOn(run: TestRun, what: string, items: readonly string[]): void {
  if (items.length === 0) return;
  throw run.failure([what, ...items.map((item) => `  ${item}`)].join('\n'));
}

/** The error of a test, with hints, and without the frames of the kit. */
function explained(error: unknown, hints: readonly string[]): unknown {
  if (!(error instanceof Error)) return error;
  return hints.length === 0 ? withoutKit(error) : withMessage(error, [error.message, ...hints].join('\n\n'));
}
