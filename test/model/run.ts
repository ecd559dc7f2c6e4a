import type { Subscription } from 'rxjs';
import { connectWith } from '../../src/client/connect.js';
import type { MqttClient } from '../../src/client/mqtt-client.js';
import { type MqttError, ConnectError } from '../../src/errors.js';
import type { MqttMessage } from '../../src/index.js';
import { durable } from '../../src/session/durable.js';
import { memory } from '../../src/transport/memory.js';
import { Line, type Cut } from './line.js';
import { ModelBroker } from './model-broker.js';
import { Observer, Oracle, type Outbound } from './oracle.js';
import type { LineTraits, Operation, Schedule } from './schedule.js';
import { Disk, type Drive } from './disk.js';
import { microtasks, VirtualClock } from './virtual-clock.js';

/** What one schedule came to. */
export interface Outcome {
  readonly sent: number;
  readonly delivered: number;
  readonly faults: number;
}

/** Longer than anything takes that is not held up. */
const CALM = 200_000;
const END_TIMEOUT = 300;

/** A process of the application: one client, and what it observes. */
interface Process {
  readonly client: MqttClient;
  readonly drive: Drive | undefined;
  readonly number: number;
  readonly subscriptions: Map<Observer, Subscription>;
  readonly cancels: (() => void)[];
  alive: boolean;
  completed: number;
}

/** Runs one schedule. Rejects with what does not hold. */
export async function run(schedule: Schedule, trace?: (line: string) => void): Promise<Outcome> {
  const clock = new VirtualClock();
  try {
    const world = new World(schedule, clock, trace);
    schedule.subscribed.forEach(({ qos, manual }, topic) => world.expect(topic, qos, manual));
    await world.start();
    for (const operation of schedule.operations) {
      await world.perform(operation);
      world.check();
    }
    await world.finish();
    world.check();
    return world.outcome();
  } finally {
    clock.close();
  }
}

class World {
  private readonly oracle: Oracle;
  private readonly broker: ModelBroker;
  private readonly disk = new Disk();
  private readonly lines: Line[] = [];
  private traits: LineTraits = { latency: 0, byByte: false };
  private cuts: Cut[] = [];
  private cutInHandler: 'reset' | 'close' | undefined;
  private refusedDials = 0;
  private silentLines = 0;
  private process: Process | undefined;
  private ending = false;
  private injected = 0;
  private faults = 0;
  private depth = 0;
  /** Observers so far. */
  private observed = 0;
  /** Whether the store has learnt of the session that was lost last. */
  private knowsOfLoss = (): boolean => true;

  constructor(
    private readonly schedule: Schedule,
    private readonly clock: VirtualClock,
    private readonly trace: ((line: string) => void) | undefined,
  ) {
    this.oracle = new Oracle(schedule, {
      now: () => clock.now,
      stored: (payload) => this.disk.holds(payload),
      ending: () => this.ending,
    });
    this.broker = new ModelBroker(clock, schedule.version, {
      accepted: (payload) => this.oracle.accepted(payload),
      acknowledged: () => undefined,
      mayStay: ({ topic }) =>
        this.oracle.observers.some((other) => other.topic === topic && other.manual >= 0 && !other.open),
      problem: (text) => this.oracle.problem(text),
      dropped: () => undefined,
    });
    this.broker.receiveMaximum = schedule.receiveMaximum;
  }

  check(): void {
    const { problems } = this.oracle;
    if (problems.length > 0) throw new Error(problems.slice(0, 5).join('\n'));
  }

  /** From the first connection on, this topic has an observer. */
  expect(topic: number, qos: 0 | 1 | 2, manual: number): void {
    this.oracle.observers.push(new Observer(`in/${topic}`, qos, manual, -1));
  }

  outcome(): Outcome {
    const delivered = this.oracle.observers.reduce((sum, { counts }) => sum + counts.size, 0);
    return { sent: this.oracle.outbound.length + this.injected, delivered, faults: this.faults };
  }

  async start(early = 0): Promise<void> {
    const { schedule, clock } = this;
    const { version, clean, maxMessages, maxBytes, overflow, onSessionLost, rate, ownReceiveMaximum, aliases } =
      schedule;
    const drive = schedule.durable ? this.disk.mount(clock, schedule.storeLatency) : undefined;
    const net = memory({ refuse: () => this.refusedDials > 0 && this.refusedDials-- > 0 });
    const client = connectWith(net.transport)({
      url: 'mqtt://model',
      clientId: 'model',
      protocolVersion: version,
      clean,
      ...(version === 5 && !clean ? { sessionExpiry: 0xffff_ffff } : {}),
      keepalive: 10,
      connectTimeout: 3000,
      unroutedGrace: 50,
      onSessionLost,
      offline: { maxMessages, maxBytes, overflow, ...(rate > 0 ? { rate } : {}) },
      reconnect: { minDelay: 20, maxDelay: 1000, jitter: 'none' },
      properties: ownReceiveMaximum > 0 ? { receiveMaximum: ownReceiveMaximum } : {},
      topicAlias: aliases ? 'auto' : 'off',
      ...(drive === undefined ? {} : { store: durable(drive) }),
    });
    const process: Process = {
      client,
      drive,
      number: this.oracle.process,
      subscriptions: new Map(),
      cancels: [],
      alive: true,
      completed: 0,
    };
    this.process = process;
    net.connections$.subscribe((peer) => {
      const line = new Line(this.lines.length, peer, clock, () => this.traits, version, {
        written: (from, packet) => {
          if (!process.alive) return;
          this.trace?.(`${clock.now} ${from.number} > ${show(packet)}`);
          this.oracle.written(from, packet);
        },
        arrived: (from, packet) => process.alive && this.broker.arrived(from, packet),
        gone: (from) => {
          this.trace?.(`${clock.now} ${from.number} gone`);
          this.broker.gone(from);
        },
        malformed: (error) => this.oracle.problem(`the client wrote what cannot be read: ${String(error)}`),
      });
      this.lines.push(line);
      for (const cut of this.cuts.splice(0, 1)) line.cutAfter(cut);
      if (this.silentLines > 0) {
        this.silentLines--;
        line.end('silence');
      }
    });
    client.packets$.subscribe(({ direction, packet }) => {
      const line = this.lines.at(-1);
      if (line === undefined || !process.alive) return;
      if (direction === 'out') return this.oracle.told(packet);
      if (packet.cmd === 'connack' && !packet.sessionPresent && drive !== undefined) this.knowsOfLoss = drive.watch();
      this.trace?.(`${clock.now} ${line.number} < ${show(packet)}`);
      this.oracle.read(line, packet);
    });
    client.state$.subscribe(({ status }) => {
      if (process.alive && status === 'reconnecting') this.oracle.lineLost();
      if (process.alive && status === 'ended' && !this.ending) this.oracle.problem('the client ended by itself');
    });
    for (const observer of this.oracle.observers) if (observer.open) this.observe(observer);
    for (let n = 0; n < early; n++) this.publish('out/0', n === 1 ? 2 : 1, 0, 0);
    this.clock.advance(0);
    if (drive !== undefined) await microtasks();
    this.clock.advance(0);
  }

  async perform(operation: Operation): Promise<void> {
    this.trace?.(`${this.clock.now} = ${JSON.stringify(operation)}`);
    const { broker } = this;
    switch (operation.type) {
      case 'publish':
        for (let i = 0; i < operation.times; i++) {
          this.publish(`out/${operation.topic}`, operation.qos, operation.size, operation.expiry);
        }
        return;
      case 'cancel':
        return this.process?.cancels[operation.which]?.();
      case 'subscribe': {
        const { topic, qos, manual, echo } = operation;
        const observer = new Observer(`in/${topic}`, qos, manual, echo);
        this.oracle.observers.push(observer);
        return this.observe(observer);
      }
      case 'unsubscribe': {
        const observer = this.oracle.observers[operation.which];
        if (observer === undefined) return;
        observer.open = false;
        return this.process?.subscriptions.get(observer)?.unsubscribe();
      }
      case 'inject':
        for (let i = 0; i < operation.times; i++) this.inject(operation.topic, operation.qos);
        return;
      case 'advance':
        return this.advance(operation.ms);
      case 'cut': {
        this.faults++;
        const line = this.lines.at(-1);
        if (line === undefined || line.broken || line.closed) this.cuts.push(operation);
        else line.cutAfter(operation);
        return;
      }
      case 'cutInHandler':
        this.faults++;
        this.cutInHandler = operation.ending;
        return;
      case 'end of line':
        this.faults++;
        return this.lines.at(-1)?.end(operation.ending);
      case 'line':
        this.traits = operation.traits;
        return;
      case 'acks':
        broker.acks = operation.traits;
        return;
      case 'lose session':
        this.faults++;
        broker.loseSession = true;
        return;
      case 'receive maximum':
        broker.receiveMaximum = operation.value;
        return;
      case 'refuse':
        this.faults++;
        if (operation.how === 'dial') this.refusedDials = operation.attempts;
        else if (operation.how === 'connack') broker.refusals = operation.attempts;
        else this.silentLines = operation.attempts;
        return;
      case 'congest': {
        const line = this.lines.at(-1);
        line?.setCongested(true);
        this.clock.plan(operation.ms, () => line?.setCongested(false));
        return;
      }
      case 'restart':
        if (!this.schedule.durable) return;
        this.faults++;
        this.kill(operation.lastWrite);
        // No process starts in the very millisecond in which the one before it started: names in the store count on that.
        await this.advance(Math.max(1, operation.away));
        return this.start(operation.early);
    }
  }

  async finish(): Promise<void> {
    const { finale } = this.schedule;
    const { process, broker, oracle } = this;
    if (process === undefined) return;
    if (finale === 'calm') {
      this.trace?.(`${this.clock.now} = calm`);
      this.traits = { latency: 1, byByte: false };
      this.cuts = [];
      this.cutInHandler = undefined;
      this.refusedDials = this.silentLines = broker.refusals = 0;
      broker.acks = { delays: [0], twice: false };
      broker.receiveMaximum = 10;
      await this.advance(CALM);
      if (process.client.state.status !== 'connected') oracle.problem(`the client is ${process.client.state.status}`);
      oracle.calm();
      if (broker.owed > 0) oracle.problem(`the client left ${broker.owed} messages unacknowledged`);
      const { outbox, inFlight, window } = process.client.stats();
      if (outbox.messages + inFlight.messages + (window?.used ?? 0) > 0) {
        oracle.problem(
          `${outbox.messages} wait, ${inFlight.messages} are in flight, ${window?.used} take up the window`,
        );
      }
      if (this.schedule.durable && this.disk.size > 0)
        oracle.problem(`the store holds ${this.disk.size} records for ever`);
      this.check();
    }
    this.trace?.(`${this.clock.now} = end`);
    this.ending = true;
    let ended = false;
    void process.client.end({ timeout: END_TIMEOUT, force: finale === 'force' }).then(() => (ended = true));
    await this.advance(END_TIMEOUT + 3000);
    await this.advance(0);
    await microtasks();
    oracle.over();
    if (!ended) oracle.problem('end() has not settled');
    if (process.client.state.status !== 'ended')
      oracle.problem(`after end() the client is ${process.client.state.status}`);
    const open = [...process.subscriptions.values()].filter(({ closed }) => !closed).length;
    if (open > 0) oracle.problem(`${open} subscriptions outlived the client`);
    if (this.lines.some((line) => !line.closed)) oracle.problem('a connection outlived the client');
    if (this.clock.armed > 0) oracle.problem(`${this.clock.armed} timers are left`);
  }

  /** Time in small steps, with room for the promises of the store. */
  private async advance(ms: number): Promise<void> {
    if (!this.schedule.durable) return this.clock.advance(ms);
    const until = this.clock.now + ms;
    for (let step = 25; this.clock.now < until; step *= 2) {
      this.clock.advance(Math.min(step, until - this.clock.now));
      await microtasks();
    }
    this.clock.advance(0);
  }

  private publish(topic: string, qos: 0 | 1 | 2, size: number, expiry: number): void {
    const { process, oracle } = this;
    if (process?.alive !== true) return;
    const message = oracle.submitted(topic, qos, size, expiry);
    const { maxMessages, maxBytes } = this.schedule;
    const before = process.client.stats().outbox;
    this.depth++;
    const subscription = process.client
      .publish(topic, message.payload, {
        qos,
        ...(expiry > 0 ? { properties: { messageExpiryInterval: expiry } } : {}),
      })
      .subscribe({
        next: (receipt) => process.alive && oracle.succeeded(message, receipt),
        error: (error: MqttError) => process.alive && oracle.failed(message, error),
      });
    this.depth--;
    process.cancels.push(() => this.cancel(message, subscription));
    const after = process.client.stats().outbox;
    if (this.schedule.overflow === 'wait' || this.depth > 0) return;
    if (after.messages > Math.max(before.messages, maxMessages)) oracle.problem(`${after.messages} messages wait`);
    if (after.bytes > Math.max(before.bytes, maxBytes)) oracle.problem(`${after.bytes} bytes wait`);
  }

  private cancel(message: Outbound, subscription: Subscription): void {
    if (message.outcome !== 'pending') return;
    message.outcome = 'cancelled';
    subscription.unsubscribe();
  }

  private inject(topic: number, qos: 0 | 1 | 2): void {
    const message = { number: this.injected++, topic: `in/${topic}`, qos };
    this.oracle.injected(message);
    this.broker.publish(message);
  }

  private observe(observer: Observer): void {
    const { process, oracle } = this;
    if (process === undefined) return;
    const { topic, qos, manual, echo } = observer;
    const messages$ = process.client.subscribe(topic, { qos, ack: manual < 0 ? 'auto' : 'manual' });
    const next = (message: MqttMessage): void => {
      if (!process.alive) return;
      oracle.delivered(observer, message);
      if (manual === 0) message.ack();
      else if (manual > 0) this.clock.plan(manual, () => process.alive && message.ack());
      if (echo >= 0 && oracle.outbound.length < 300) this.publish('out/0', echo as 1 | 2, 5, 0);
      if (this.cutInHandler === undefined) return;
      const ending = this.cutInHandler;
      this.cutInHandler = undefined;
      this.lines.at(-1)?.end(ending);
    };
    // Of a function that is alone with its filter less is kept than of an observer.
    const isBare = this.observed++ % 2 === 0;
    const subscription = isBare
      ? messages$.subscribe(next)
      : messages$.subscribe({
          next,
          error: (error: MqttError) =>
            process.alive && oracle.problem(`subscribe to ${topic} failed: ${error.message}`),
          complete: () => {
            if (process.alive && !this.ending) oracle.problem(`the subscription to ${topic} completed`);
          },
        });
    process.subscriptions.set(observer, subscription);
  }

  /** SIGKILL: nothing that the process still does shows on the wire or in the store. */
  private kill(lastWrite: boolean): void {
    const { process } = this;
    if (process === undefined) return;
    // What is gathered for a tick is written before the process can die.
    this.clock.advance(0);
    process.drive?.pull(lastWrite);
    if (!this.knowsOfLoss()) this.broker.unlearn();
    this.knowsOfLoss = () => true;
    process.alive = false;
    for (const line of this.lines) line.sever();
    this.oracle.killed();
    void process.client.end({ force: true });
    this.clock.advance(0);
    if (process.client.state.status !== 'ended') throw new ConnectError('the killed client lives on');
  }
}

function show(packet: { readonly cmd: string }): string {
  const fields = packet as { packetId?: number; payload?: Uint8Array; dup?: boolean; qos?: number; topic?: string };
  const { packetId, payload, dup, qos, topic } = fields;
  const rest = 'sessionPresent' in packet ? ` present=${String(packet.sessionPresent)}` : '';
  if (payload === undefined) return `${packet.cmd} ${packetId ?? ''}${rest}`;
  return `${packet.cmd} ${packetId ?? ''} ${topic ?? ''} "${Buffer.from(payload).toString()}" q${qos ?? 0}${dup === true ? ' dup' : ''}`;
}
