import { Redis } from 'ioredis';
import {
  BehaviorSubject,
  defer,
  finalize,
  firstValueFrom,
  lastValueFrom,
  merge,
  mergeMap,
  NEVER,
  switchMap,
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

/** An order as it is published. Its `id` is the application's key: it says what is the same order. */
export interface Order {
  readonly id: string;
  /** How much work it is, in ms. */
  readonly ms: number;
}

/** Works on orders until it is told to leave. */
export class OrderWorker {
  private readonly client: MqttClient;
  private readonly redis: Redis;
  private readonly busy = new BehaviorSubject(0);
  private readonly working: Promise<unknown>;

  constructor(
    private readonly name: string,
    url: string,
    redisUrl: string,
    private readonly print: (line: string) => void = (line) => console.log(line),
  ) {
    this.redis = new Redis(redisUrl);
    this.client = connect(url, {
      // A name that comes back: what a killed worker had not acknowledged waits for it in its session.
      clientId: name,
      clean: false,
      sessionExpiry: 3600,
      // What comes for no subscription is work, too, and does not wait for one; see `late$`.
      unroutedGrace: 0,
      log: { warn: (text) => print(`${name}: ${text}`) },
    });
    // An order is acknowledged when it is done. Those of one customer are done one after the other.
    const done$ = this.client
      .subscribe(ORDERS, { qos: 1, ack: 'manual' })
      .pipe(ackAfter((order) => this.once(order), { concurrency: CONCURRENCY, key: customerOf }));
    // What a broker had queued for this worker may come after its answer to UNSUBSCRIBE.
    const late$ = this.client.unrouted$.pipe(mergeMap((order) => this.once(order)));
    this.working = lastValueFrom(merge(done$, late$), { defaultValue: undefined });
  }

  /** Settles when the broker has granted the subscription. */
  async ready(): Promise<void> {
    await firstValueFrom(this.client.granted(ORDERS));
  }

  /** Takes no more orders, finishes those under way, and goes. The broker gives the next ones to the others. */
  async leave(): Promise<void> {
    await lastValueFrom(this.client.unsubscribe(ORDERS));
    await firstValueFrom(this.busy.pipe(switchMap((count) => (count === 0 ? timer(QUIET) : NEVER))));
    await this.client.end({ sessionExpiry: 0 });
    await this.working;
    await this.redis.quit();
  }

  /** Does an order, unless it was done before: what a killed worker had not acknowledged comes again. */
  private once(message: MqttMessage) {
    return defer(async () => {
      this.busy.next(this.busy.value + 1);
      const { id, ms } = message.json<Order>();
      if ((await this.redis.hexists('done', id)) === 0) {
        await firstValueFrom(timer(ms));
        // Two workers may be at the same order now; one of them is the first.
        if ((await this.redis.hsetnx('done', id, this.name)) === 1) return;
      }
      await this.redis.hincrby('again', id, 1);
      this.print(`${this.name}: order ${id} came again; ${await this.redis.hget('done', id)} has done it`);
    }).pipe(finalize(() => this.busy.next(this.busy.value - 1)));
  }
}

function customerOf({ topic }: MqttMessage): string | undefined {
  return orders.params(topic)?.customer;
}
