import {
  concat,
  defer,
  endWith,
  forkJoin,
  ignoreElements,
  merge,
  type Observable,
  share,
  switchMap,
  take,
  takeUntil,
  tap,
} from 'rxjs';
import type { MqttClient } from 'rxmqtt';
import { elapsed, timeOfDay } from '../../rx/clock.js';
import { safeTimer } from '../../rx/safe-timer.js';
import { pulled } from '../pulled.js';
import type { OpenClient } from '../run-client.js';
import { arrived } from './arrived.js';
import { DeliveryCheck } from './delivery-check.js';
import type { Meter } from './meter.js';
import { type Numbers, readNumbers } from './numbered-payload.js';
import type { BenchPlan } from './plan.js';
import { type Published, publishNumbered } from './publisher.js';

/** A running bench; completes when it has measured. */
export interface Load {
  readonly run$: Observable<unknown>;
  /** The delivery checks, one for each stream of messages. */
  readonly checks: () => readonly DeliveryCheck[];
}

/** How many connections to open at a time without a rate. */
const OPENING = 50;

const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, at) => at);
const connected = (client: MqttClient): Observable<unknown> => client.connected$.pipe(take(1));

/** Opens connections and measures how long each takes until CONNACK. */
export function connections({ clients, rate, duration, warmup }: BenchPlan, open: OpenClient, meter: Meter): Load {
  const run$ = defer(() => {
    const started = elapsed();
    meter.begin();
    const opened$ = pulled(
      numbers(clients),
      () => {
        const from = elapsed();
        meter.sent++;
        return connected(open()).pipe(
          tap(() => {
            meter.received++;
            meter.record(from, elapsed() - from);
          }),
        );
      },
      {
        concurrency: OPENING,
        ...(rate !== undefined && { due: (_, at) => started + (at * 1000) / rate - elapsed() }),
      },
    ).pipe(tap({ complete: () => meter.end() }));
    return concat(opened$, safeTimer(duration + warmup)).pipe(ignoreElements());
  });
  return { run$, checks: () => [] };
}

/** Publishes and measures how long each message takes until it is written or acknowledged. */
export function publishes(plan: BenchPlan, open: OpenClient, meter: Meter): Load {
  const run$ = defer(() => {
    const publishers = numbers(plan.clients).map(() => open());
    const load = new Publishing(plan, publishers, meter);
    const published$ = load.run$.pipe(tap(({ sentAt, latency }) => meter.record(sentAt, latency)));
    return forkJoin(publishers.map(connected)).pipe(switchMap(() => published$));
  });
  return { run$, checks: () => [] };
}

/** Receives the messages of other publishers, such as `bench pub`. */
export function subscriptions(plan: BenchPlan, open: OpenClient, meter: Meter): Load {
  const checks = new Map<string, DeliveryCheck>();
  const run$ = defer(() => {
    const filter = `${plan.topic}/#`;
    const subscribers = numbers(plan.clients).map(() => open());
    const received$ = receiving(
      plan,
      subscribers,
      () => filter,
      meter,
      (at, { publisher, sequence }) => {
        const key = `${at} ${publisher}`;
        const check = checks.get(key) ?? new DeliveryCheck(sequence);
        checks.set(key, check);
        check.received(sequence);
      },
    );
    const ready$ = forkJoin(subscribers.map((client) => client.granted(filter)));
    return received$.pipe(takeUntil(ready$.pipe(switchMap(() => measuring(plan, meter)))));
  });
  return { run$, checks: () => [...checks.values()] };
}

/** Publishes and receives: each publisher has its own subscriber. */
export function endToEnd(plan: BenchPlan, open: OpenClient, meter: Meter): Load {
  const checks = numbers(plan.clients).map(() => new DeliveryCheck(0));
  const topic = (at: number): string => `${plan.topic}/${at}`;
  const run$ = defer(() => {
    const subscribers = numbers(plan.clients).map(() => open());
    const publishers = numbers(plan.clients).map(() => open());
    const received$ = receiving(plan, subscribers, topic, meter, (at, { sequence }) => checks[at]?.received(sequence));
    const ready$ = forkJoin([
      ...publishers.map(connected),
      ...subscribers.map((client, at) => client.granted(topic(at))),
    ]);
    const load = new Publishing(plan, publishers, meter);
    // A second copy stands in for no message that is still under way.
    const missing = (): number =>
      checks.reduce((left, { duplicates }) => left + duplicates, meter.sent - meter.received);
    const over$ = ready$.pipe(
      switchMap(() => concat(load.run$, arrived(missing)).pipe(ignoreElements(), endWith(undefined))),
      tap(() => load.sent.forEach(({ sent }, at) => checks[at]?.ended(sent))),
    );
    return received$.pipe(takeUntil(over$));
  });
  return { run$, checks: () => checks };
}

/** Publishes with all publishers, for the duration of the plan. */
class Publishing {
  /** How many messages each publisher has sent. */
  readonly sent: readonly { sent: number }[];
  readonly run$: Observable<Published>;

  constructor(plan: BenchPlan, publishers: readonly MqttClient[], meter: Meter) {
    const { qos, size, rate, window, topic, clients } = plan;
    this.sent = publishers.map(() => ({ sent: 0 }));
    this.run$ = defer(() => {
      const origin = timeOfDay() - elapsed();
      const own = Math.floor(Math.random() * 2 ** 31);
      const over$ = measuring(plan, meter).pipe(share());
      return merge(
        ...publishers.map((client, at) => {
          const counter = this.sent[at] ?? { sent: 0 };
          const options = { topic: `${topic}/${at}`, qos, size, window, publisher: own + at, origin };
          const each = rate === undefined ? undefined : rate / clients;
          return publishNumbered(client, { ...options, rate: each }, over$, () => {
            counter.sent++;
            meter.sent++;
            meter.bytesSent += size;
          });
        }),
      );
    });
  }
}

function receiving(
  { qos }: BenchPlan,
  subscribers: readonly MqttClient[],
  topic: (at: number) => string,
  meter: Meter,
  check: (at: number, numbers: Numbers) => void,
): Observable<never> {
  const origin = timeOfDay() - elapsed();
  return merge(
    ...subscribers.map((client, at) =>
      client.subscribe(topic(at), { qos }).pipe(
        tap(({ payload }) => {
          const read = readNumbers(payload);
          if (read === undefined) return;
          const sentAt = read.sentAt - origin;
          meter.received++;
          meter.bytesReceived += payload.length;
          meter.record(sentAt, elapsed() - sentAt);
          check(at, read);
        }),
      ),
    ),
  ).pipe(ignoreElements());
}

/** Measures after the warm-up, and emits when the time is over. */
function measuring({ warmup, duration }: BenchPlan, meter: Meter): Observable<unknown> {
  return concat(
    safeTimer(warmup).pipe(
      tap(() => meter.begin()),
      ignoreElements(),
    ),
    safeTimer(duration).pipe(tap(() => meter.end())),
  );
}
