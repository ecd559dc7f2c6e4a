import { type Observable, Subscription } from 'rxjs';
import type { BrokerOptions } from '../broker/index.js';
import type { MqttClient } from '../client/mqtt-client.js';
import { type Accepted, EmbeddedBroker } from './embedded-broker.js';
import { type AssertEqual, Recording } from './expect-observable.js';
import { Expectations } from './expectations.js';
import { describeLeftovers } from './leftovers.js';
import { Lines } from './lines.js';
import { PromiseWatch } from './promise-watch.js';
import { newSeed, seededRandom } from './random.js';
import { ScriptedBroker } from './scripted-broker.js';
import { placeOf, withMessage } from './stack.js';
import { asScriptedTestBroker, asTestBroker, type TestBroker } from './test-broker.js';
import { testClient, type TestClient, type TestClientOptions, withTestDefaults } from './test-clients.js';
import type { MqttTest, OfClient } from './test-kit.js';
import { VirtualClock } from './virtual-clock.js';
import { type RunningTest, runningTest, virtualTime } from './virtual-time.js';
import { watchBroker, watchClient } from './watch-options.js';
import { withoutClosedErrors } from './without-closed-errors.js';

/** Options of `mqttTest`. */
export interface MqttTestOptions {
  /** Options of the embedded broker, or `false` for one that the test scripts. */
  readonly broker?: BrokerOptions | false;
  /** The seed of all randomness in the test. Default: a new one for each run; a failure names it. */
  readonly seed?: number;
  /** Compares recordings of Observables, as the argument of RxJS's `TestScheduler` does. Default: the kit's own. */
  readonly assertEqual?: AssertEqual;
  /** How long a packet travels, in ms. Default 1, so that each packet has a frame of its own. */
  readonly latency?: number;
}

/** One test in virtual time: its clock, its broker, its clients, and what it expects of them. */
export class TestRun implements RunningTest {
  readonly place: string | undefined;
  readonly clock = new VirtualClock(() => undefined);
  readonly seed: number;
  readonly expectations = new Expectations(() => this.clock.frame);
  readonly watch = new PromiseWatch();
  readonly scripted: ScriptedBroker | undefined;
  readonly lines: Lines;
  readonly broker: TestBroker;
  readonly assertEqual: AssertEqual | undefined;
  readonly setTimeOfDay: (moment: number) => void;
  /** Ended with the test. */
  readonly chores = new Subscription();
  /** Time runs at least until here. */
  private horizon = 0;
  private readonly clients: TestClient[] = [];
  private readonly backend: EmbeddedBroker | ScriptedBroker;
  private readonly restore: () => void;
  private readonly nextRandom: () => number;
  private usedSeed = false;
  private isEnded = false;
  private isClosed = false;

  constructor(
    { broker = {}, seed = newSeed(), assertEqual, latency = 1 }: MqttTestOptions,
    /** Its stack starts at the call of mqttTest. */
    private readonly origin: Error,
    /** Ends the test if it has come to a standstill. Returns whether it had. */
    readonly giveWay: () => boolean,
  ) {
    const other = runningTest();
    if (other !== undefined && !other.giveWay()) {
      const which = other.place === undefined ? '' : `, begun ${other.place}`;
      throw this.failure(
        `mqttTest failed: another one is running${which}; two tests cannot share the virtual time, so await the first`,
      );
    }
    this.place = placeOf(origin.stack);
    this.seed = seed;
    this.nextRandom = seededRandom(seed);
    this.assertEqual = assertEqual;
    this.clock.traces = true;
    const now = (): number => this.clock.frame;
    const time = virtualTime(this.clock, this);
    this.setTimeOfDay = (moment) => time.setTimeOfDay(moment);
    this.restore = () => time.restore();
    try {
      this.scripted = broker === false ? new ScriptedBroker(now) : undefined;
      const embedded = new EmbeddedBroker(broker === false ? {} : watchBroker(broker, this.watch), now);
      this.backend = this.scripted ?? embedded;
      this.lines = new Lines(this.backend, latency, now);
      this.broker =
        this.scripted === undefined
          ? asTestBroker(embedded.broker, embedded, this.lines)
          : asScriptedTestBroker(embedded.broker, this.scripted, this.lines);
      this.chores.add(() => void embedded.close());
    } catch (error) {
      this.restore();
      throw error;
    }
  }

  get now(): number {
    return this.clock.frame;
  }

  readonly random = (): number => {
    this.usedSeed = true;
    return this.nextRandom();
  };

  /** Lets time run at least until this moment. */
  readonly extend = (moment: number): void => {
    this.horizon = Math.max(this.horizon, moment);
  };

  /** When the test ends, unless its body lets more time pass. */
  get end(): number {
    return Math.max(this.now, this.horizon);
  }

  connect(options: TestClientOptions = {}): TestClient {
    const number = this.clients.length + 1;
    const all = withTestDefaults(options, number, this.random);
    // The broker assigns an identifier to a client without one; its line needs a name before that.
    const name = all.clientId === '' ? `client-${number}` : (all.clientId as string);
    const transport = all.transport ?? this.lines.transport(name);
    const watched = watchClient({ ...all, transport }, name, this.watch);
    const client = testClient(watched, this.lines.line(name).log, () => this.now, this.chores);
    this.lines.line(name).isKnown = true;
    this.clients.push({ ...client, clientId: name });
    return client;
  }

  /** @throws Error when there is no such client, or none is named and there are several. */
  clientOf(which: OfClient): TestClient {
    const named = this.clients.find(({ client, clientId }) => client === which || clientId === which);
    if (named !== undefined) return named;
    const [only, ...others] = this.clients;
    if (which === undefined && only !== undefined && others.length === 0) return only;
    const names = this.clients.map(({ clientId }) => `"${clientId}"`).join(', ') || 'none';
    const what = which === undefined ? 'which client is meant' : `no client of this test is ${nameOf(which)}`;
    const there = `there ${this.clients.length === 1 ? 'is' : 'are'} ${names}`;
    throw new Error(`${what}: ${there}${only === undefined ? '; t.connect() makes them' : ''}`);
  }

  /** What the broker has accepted so far. */
  get accepted(): readonly Accepted[] {
    return this.backend.accepted;
  }

  get clientIds(): readonly string[] {
    return this.clients.map(({ clientId }) => clientId);
  }

  record(source: Observable<unknown>, subscriptionMarbles: string | null): Recording {
    const recording = new Recording(source, subscriptionMarbles, this.clock);
    this.chores.add(recording.subscription);
    return recording;
  }

  /** Ends the clients and everything else that the kit started; no time passes. */
  endAll(): void {
    this.isEnded = true;
    withoutClosedErrors(() => {
      this.clock.inside(() => {
        this.chores.unsubscribe();
        for (const { client } of this.clients) void client.end({ force: true });
      });
      this.clock.advance(this.now);
    });
  }

  /** What the test has prepared, and has not happened, in words. */
  get unused(): readonly string[] {
    return [...this.lines.unused, ...(this.scripted?.unused ?? [])];
  }

  /** A failure of the test as a whole: it stands at the call of mqttTest. */
  failure(message: string): Error {
    const error = new Error();
    if (this.origin.stack !== undefined) error.stack = this.origin.stack;
    return withMessage(error, message);
  }

  /** Describes what is still open or scheduled after that. */
  leftovers(): string[] {
    const { clientIds } = this;
    const foreign = this.lines.strays.filter((clientId) => clientId === undefined || !clientIds.includes(clientId));
    const open = foreign.map(
      (clientId) => `a connection of the client "${clientId ?? ''}", which the test did not end`,
    );
    this.disconnectAll();
    // The timers of such a client are its own.
    return [...open, ...describeLeftovers(this.clock.pending, this.now, open.length === 0)];
  }

  /** Gives the schedulers back, and stops whatever a failed test left running. */
  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    try {
      if (!this.isEnded) this.endAll();
      this.disconnectAll();
    } catch {
      // The test has already failed, and its broken parts may throw again.
    }
    for (const action of this.clock.pending) action.unsubscribe();
    this.restore();
  }

  private disconnectAll(): void {
    withoutClosedErrors(() => {
      this.clock.inside(() => {
        this.lines.end();
        void this.backend.close();
      });
      this.clock.advance(this.now);
    });
  }

  /** Hints to add to a failure. */
  hints(isSynchronous: boolean): string[] {
    const hints: string[] = [];
    const { pending } = this.watch;
    if (pending.length > 0) {
      const remedy = isSynchronous ? '; promises need the other form: await mqttTest(async (t) => { ... })' : '';
      hints.push(`${pending.join(' and ')} waits for a promise${remedy}`);
    }
    if (this.usedSeed)
      hints.push(`the seed was ${this.seed}: mqttTest(..., { seed: ${this.seed} }) does the same again`);
    return hints;
  }
}

const RUN = Symbol.for('rxmqtt.testing.run');

/** Lets the kit's own functions find the run behind a kit. */
export const withRun = (kit: MqttTest, run: TestRun): MqttTest => Object.defineProperty(kit, RUN, { value: run });

/** @throws TypeError for anything but a kit. */
export function runOf(kit: MqttTest): TestRun {
  const run: unknown = Reflect.get(kit, RUN);
  if (run instanceof TestRun) return run;
  throw new TypeError('this takes the t that mqttTest gives to its body');
}

const nameOf = (which: MqttClient | string): string => (typeof which === 'string' ? `"${which}"` : 'that one');
