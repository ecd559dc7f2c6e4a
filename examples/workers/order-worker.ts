import { Redis } from 'ioredis';
import {
  BehaviorSubject,
  concat,
  defer,
  finalize,
  firstValueFrom,
  ignoreElements,
  lastValueFrom,
  map,
  merge,
  NEVER,
  switchMap,
  take,
  timeout,
  timer,
} from 'rxjs';
import { ackAfter, connect, type MqttClient, type MqttMessage, topicTemplate } from 'rxmqtt';

/** Every worker subscribes to this, and each order goes to one of them. */
export const ORDERS = '$share/workers/orders/+/new';

const orders = topicTemplate('orders/{customer}/new');

/** Orders under way at a time. */
const CONCURRENCY = 10;

/** How long nothing must come before a worker that leaves has everything that the broker had queued for it, in ms. */
const QUIET = 1000;

/** How long a worker that leaves waits for a broker that cannot be reached, in ms. */
const PATIENCE = 10_000;

/** An order as it is published. Its `id` is the application's key: it says what is the same order. */
export interface Order {
  readonly id: string;
  /** How much work it is, in ms. */
  readonly ms: number;
}

/** Works on orders until it is told to leave. */
export class OrderWorker {
  /** Resolves when the worker has left, and rejects when it cannot go on: another process has its name, for example. */
  readonly over: Promise<unknown>;
  private readonly client: MqttClient;
  private readonly redis: Redis;
  private readonly busy = new BehaviorSubject(0);

  constructor(
    private readonly name: string,
    url: string,
    redisUrl: string,
    private readonly print: (line: string) => void = (line) => console.log(line),
  ) {
    // While Redis is away, orders wait, and are not acknowledged.
    this.redis = new Redis(redisUrl, { maxRetriesPerRequest: null });
    this.redis.on('error', (error: Error) => print(`${name}: Redis: ${error.message}`));
    this.client = connect(url, {
      // A name that comes back: what a killed worker had not acknowledged waits for it in its session.
      clientId: name,
      clean: false,
      sessionExpiry: 3600,
      // What comes for no subscription is work, too, and does not wait for one.
      unroutedGrace: 0,
      log: { warn: (text) => print(`${name}: ${text}`) },
    });
    const orders$ = this.client.subscribe(ORDERS, { qos: 1, ack: 'manual' });
    // What a broker had queued for this worker may come after its answer to UNSUBSCRIBE.
    const late$ = this.client.unrouted$;
    // An order is acknowledged when it is done. Those of one customer are done one after the other.
    const done$ = merge(orders$, late$).pipe(
      ackAfter((order) => this.once(order), { concurrency: CONCURRENCY, key: customerOf }),
    );
    this.over = lastValueFrom(done$, { defaultValue: undefined });
  }

  /** Whether the broker has granted the subscription; false when the worker has left before. */
  async ready(): Promise<boolean> {
    return firstValueFrom(this.client.granted(ORDERS)).then(
      () => true,
      () => false,
    );
  }

  /** Takes no more orders, finishes those under way, and goes. The broker gives the next ones to the others. */
  async leave(): Promise<void> {
    const { client, busy } = this;
    const quiet$ = busy.pipe(switchMap((count) => (count === 0 ? timer(QUIET) : NEVER)));
    // Connected at the end, too: only then does the broker forget the session.
    const finished$ = concat(
      client.unsubscribe(ORDERS).pipe(timeout(PATIENCE), ignoreElements()),
      quiet$.pipe(take(1), ignoreElements()),
      client.connected$.pipe(
        timeout({ first: PATIENCE }),
        map(() => true),
      ),
    );
    const hasLeft = await firstValueFrom(finished$).catch(() => false);
    if (!hasLeft) this.print(`${this.name}: the broker cannot be reached; start ${this.name} again for what it holds`);
    await client.end(hasLeft ? { sessionExpiry: 0 } : { force: true });
    await this.over;
    await this.redis.quit();
  }

  /** Does an order, unless it was done before: what a killed worker had not acknowledged comes again. */
  private once(message: MqttMessage) {
    return defer(async () => {
      this.busy.next(this.busy.value + 1);
      const order = orderIn(message);
      if (order === undefined) return this.setAside(message);
      const { id, ms } = order;
      if ((await this.redis.hexists('done', id)) === 0) {
        await firstValueFrom(timer(ms));
        // Two workers may be at the same order now; one of them is the first. A command that lost its answer is repeated.
        if ((await this.redis.hsetnx('done', id, this.name)) === 1) return;
        if ((await this.redis.hget('done', id)) === this.name) return;
      }
      await this.redis.hincrby('again', id, 1);
      this.print(`${this.name}: order ${id} came again; ${await this.redis.hget('done', id)} has done it`);
    }).pipe(finalize(() => this.busy.next(this.busy.value - 1)));
  }

  /** What is no order would fail each time it comes. It is acknowledged, and kept for a human to look at. */
  private async setAside({ topic, payload }: MqttMessage): Promise<void> {
    await this.redis.rpush('aside', Buffer.from(payload));
    this.print(`${this.name}: what came on ${topic} is no order; it is in the list "aside"`);
  }
}

function orderIn(message: MqttMessage): Order | undefined {
  try {
    const { id, ms } = message.json<Partial<Order>>();
    return typeof id === 'string' && typeof ms === 'number' ? { id, ms } : undefined;
  } catch {
    return undefined;
  }
}

function customerOf({ topic }: MqttMessage): string | undefined {
  return orders.params(topic)?.customer;
}
