import { filter, firstValueFrom, forkJoin, startWith, Subject, Subscription, take, timeout, timer } from 'rxjs';
import { createBroker, type Broker } from '../../../src/broker/index.js';
import { connect, type MqttClient } from '../../../src/index.js';

export interface SoakOptions {
  readonly clients: number;
  /** ms of each of the two rounds; memory is compared between their ends. */
  readonly round: number;
  readonly seed: number;
}

export interface SoakReport {
  /** QoS 1 and 2 messages that the broker acknowledged. */
  readonly acknowledged: number;
  readonly lost: number;
  /** QoS 2 messages that came twice. */
  readonly doubled: number;
  /** Publishes that ended with an error. */
  readonly failed: number;
  /** Connections that were cut under way. */
  readonly dropped: number;
  readonly connections: number;
  /** Bytes in use after a collection: at the end of the first round, and of the second. */
  readonly heap: readonly [first: number, second: number];
  /** What is left in the broker when the last client has gone. */
  readonly left: { readonly clients: number; readonly protocolErrors: number; readonly droppedQueueFull: number };
}

/** ms in which everything that is under way has to arrive. */
const PATIENCE = 30_000;
const MAXIMUM = 4_000_000;

/**
 * Clients that connect, publish to each other and lose their connections at random, all decided by one seed. Each
 * QoS 1 and 2 message has a number and one receiver, so that each loss and each repetition is seen.
 */
export async function soak({ clients: count, round, seed }: SoakOptions): Promise<SoakReport> {
  const broker = createBroker({ listeners: ['tcp://127.0.0.1:0'] });
  const [url = ''] = await broker.listening;
  const traffic = new Traffic(broker, url, count, randomFrom(seed));
  await traffic.connectAll();
  const heap: number[] = [];
  for (let index = 0; index < 2; index++) {
    await traffic.run(round);
    heap.push(bytesInUse());
  }
  await traffic.endAll();
  const { acknowledged, failed, dropped } = traffic;
  const { connections, protocolErrors, droppedQueueFull } = broker.counters;
  const left = { clients: (await firstValueFrom(broker.clients$)).size, protocolErrors, droppedQueueFull };
  await broker.close();
  const [first = 0, second = 0] = heap;
  return { acknowledged, ...traffic.ledger(), failed, dropped, connections, heap: [first, second], left };
}

class Traffic {
  acknowledged = 0;
  failed = 0;
  dropped = 0;
  private readonly clients: MqttClient[] = [];
  /** How often each number was received, and in which QoS it was sent: neither grows while the soak runs. */
  private readonly received = new Uint8Array(MAXIMUM);
  private readonly sentAt = new Uint8Array(MAXIMUM);
  private next = 0;
  private arrived = 0;
  private underWay = 0;
  private readonly changes = new Subject<void>();

  constructor(
    private readonly broker: Broker,
    private readonly url: string,
    private readonly count: number,
    private readonly random: () => number,
  ) {}

  async connectAll(): Promise<void> {
    const active = Array.from({ length: this.count }, (_, index) => {
      const client = connect(this.url, {
        clientId: `soak-${index}`,
        protocolVersion: index % 2 === 0 ? 5 : 4,
        clean: false,
        ...(index % 2 === 0 ? { sessionExpiry: 3600 } : {}),
        reconnect: { minDelay: 5, maxDelay: 100 },
      });
      this.clients.push(client);
      const topic = `soak/${index}/+`;
      client.subscribe(topic, { qos: 2 }).subscribe((message) => this.receive(message.text()));
      return client.subscriptions$.pipe(
        filter((all) => all.get(topic)?.status === 'active'),
        take(1),
        timeout(PATIENCE),
      );
    });
    await firstValueFrom(forkJoin(active));
  }

  /** Publishes and drops for a while; settles when all that was sent has arrived, or the patience is over. */
  async run(duration: number): Promise<void> {
    const work = new Subscription();
    for (const client of this.clients) this.keepPublishing(client, work);
    this.keepDropping(work);
    this.keepVisiting(work);
    await firstValueFrom(timer(duration));
    work.unsubscribe();
    const over = this.changes.pipe(
      startWith(undefined),
      filter(() => this.underWay === 0 && this.arrived === this.next),
      take(1),
      timeout({ each: PATIENCE, with: () => [undefined] }),
    );
    await firstValueFrom(over);
  }

  async endAll(): Promise<void> {
    await Promise.all(this.clients.map((client) => client.end()));
  }

  ledger(): { lost: number; doubled: number } {
    let [lost, doubled] = [0, 0];
    for (let index = 0; index < this.next; index++) {
      const times = this.received[index] as number;
      if (times === 0) lost++;
      if (times > 1 && this.sentAt[index] === 2) doubled++;
    }
    return { lost, doubled };
  }

  private receive(text: string): void {
    const index = Number(text);
    const times = this.received[index] as number;
    this.received[index] = Math.min(times + 1, 255);
    if (times > 0) return;
    this.arrived++;
    this.changes.next();
  }

  private keepPublishing(client: MqttClient, work: Subscription): void {
    const publish = (): void => {
      if (work.closed || this.next === MAXIMUM) return;
      const target = Math.floor(this.random() * this.count);
      const qos = this.random() < 0.5 ? 1 : 2;
      const index = this.next++;
      this.sentAt[index] = qos;
      this.underWay++;
      const over = (): void => {
        this.underWay--;
        this.changes.next();
        work.add(timer(this.random() * 60).subscribe(publish));
      };
      client.publish(`soak/${target}/q${qos}`, String(index), { qos }).subscribe({
        complete: () => {
          this.acknowledged++;
          over();
        },
        error: () => {
          this.failed++;
          over();
        },
      });
    };
    work.add(timer(this.random() * 60).subscribe(publish));
  }

  /** Cuts a socket, about every client's every four seconds. */
  private keepDropping(work: Subscription): void {
    const drop = (): void => {
      this.dropped++;
      this.broker.dropConnections(`soak-${Math.floor(this.random() * this.count)}`);
      work.add(timer((this.random() * 8000) / this.count).subscribe(drop));
    };
    work.add(timer(50).subscribe(drop));
  }

  /** Clients that come with an identifier of their own, say a word at QoS 0 and leave with or without a goodbye. */
  private keepVisiting(work: Subscription): void {
    const visit = (): void => {
      const client = connect(this.url, { reconnect: false, will: { topic: 'soak/will', payload: 'gone' } });
      const force = this.random() < 0.5;
      client.publish('soak/word', 'hello').subscribe({
        complete: () => void client.end({ force }),
        error: () => void client.end({ force: true }),
      });
      work.add(timer(this.random() * 200).subscribe(visit));
    };
    work.add(timer(50).subscribe(visit));
  }
}

/** Mulberry32. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function bytesInUse(): number {
  global.gc?.();
  global.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
