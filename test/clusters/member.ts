/** A process of the ring: a publisher, a worker, a herd of idle clients, or the probe. It says in lines of JSON what happens. */
import { createInterface } from 'node:readline';
import { filter, firstValueFrom, interval, lastValueFrom, takeUntil, mergeMap, Subject, timer } from 'rxjs';
import { ackAfter, connect, publishTo, type ClientOptions, type MqttClient } from '../../src/index.js';
import type { MemberEvent, MemberTask, WorkerSummary } from './member-task.js';

const task = JSON.parse(process.argv[2] ?? '') as MemberTask;
const tell = (event: MemberEvent): void => void process.stdout.write(`${JSON.stringify(event)}\n`);
const finish$ = new Subject<void>();
createInterface({ input: process.stdin }).on('line', () => finish$.next());

/** Connects, and tells every transition of the state. */
function open(clientId: string, options: ClientOptions): MqttClient {
  const client = connect({ ...task.options, ...options, clientId });
  client.state$.subscribe((state) => {
    const delay = state.status === 'reconnecting' ? state.delay : undefined;
    const url = 'url' in state ? state.url : undefined;
    const reason = 'reason' in state ? state.reason?.message : undefined;
    const sessionPresent = state.status === 'connected' ? state.sessionPresent : undefined;
    tell({ event: 'state', clientId, at: Date.now(), status: state.status, delay, url, reason, sessionPresent });
  });
  return client;
}

/** A timer of a process that the machine does not run is late; what clients are late by that is not theirs. */
let expected = Date.now() + 50;
interval(50).subscribe(() => {
  const at = Date.now();
  if (at - expected > 50) tell({ event: 'lag', at, by: at - expected });
  expected = at + 50;
});

/** Publishes numbers at a rate until it is told to finish; then those that are missing, as fast as they go. */
async function publish(name: string, topic: string, rate: number, atLeast: number): Promise<void> {
  const client = open(name, { clean: false });
  let next = 0;
  let isOver = false;
  finish$.subscribe(() => (isOver = true));
  let acked = 0;
  const numbers$ = new Subject<number>();
  const done = lastValueFrom(
    numbers$.pipe(
      publishTo(client, (number) => ({ topic, payload: String(number), qos: 1 }), { concurrency: 200 }),
      filter(() => ++acked % 500 === 0),
    ),
    { defaultValue: undefined },
  );
  await firstValueFrom(client.connected$);
  tell({ event: 'ready' });
  const ticks$ = interval(20);
  const share = rate / 50;
  let owed = 0;
  await lastValueFrom(
    ticks$.pipe(
      takeUntil(ticks$.pipe(filter(() => isOver && next >= atLeast))),
      mergeMap(() => {
        owed += isOver ? 20 : share;
        for (; owed >= 1; owed--) numbers$.next(next++);
        return [];
      }),
    ),
    { defaultValue: undefined },
  );
  numbers$.complete();
  await done;
  tell({ event: 'published', sent: next, acked });
  await client.end();
}

/** Takes everything, and sums up at the end. */
async function work(name: string, topicFilter: string): Promise<void> {
  const client = open(name, { clean: false });
  // What came on the wire, and what came to no observer: a message that is in one of them was not lost by the broker.
  const onWire = new Map<string, Set<number>>();
  client.packets$.subscribe(({ direction, packet }) => {
    if (direction !== 'in' || packet.cmd !== 'publish') return;
    const numbers = onWire.get(packet.topic) ?? new Set();
    onWire.set(packet.topic, numbers.add(Number(packet.text())));
  });
  const seen = new Map<string, { readonly counts: Map<number, number>; newest: number; outOfOrder: number }>();
  client
    .subscribe(topicFilter, { qos: 1, ack: 'manual' })
    .pipe(
      ackAfter(
        (message) => {
          const of = seen.get(message.topic) ?? { counts: new Map<number, number>(), newest: -1, outOfOrder: 0 };
          seen.set(message.topic, of);
          const number = Number(message.text());
          const times = (of.counts.get(number) ?? 0) + 1;
          of.counts.set(number, times);
          if (times === 1 && number < of.newest) of.outOfOrder++;
          of.newest = Math.max(of.newest, number);
          return timer(0);
        },
        { concurrency: 20, key: ({ topic }) => topic },
      ),
    )
    .subscribe();
  await firstValueFrom(client.granted(topicFilter));
  tell({ event: 'ready' });
  finish$.subscribe(() => {
    const topics: Record<string, WorkerSummary> = {};
    for (const [topic, { counts, outOfOrder, newest }] of seen) {
      const missing: number[] = [];
      for (let number = 0; number <= newest; number++) if (!counts.has(number)) missing.push(number);
      const doubled = [...counts.values()].filter((times) => times > 1).length;
      const dropped = missing.filter((number) => onWire.get(topic)?.has(number) === true).length;
      topics[topic] = { newest, distinct: counts.size, doubled, outOfOrder, dropped, missing: missing.slice(0, 50) };
    }
    tell({ event: 'summary', topics });
  });
}

/** Clients that do nothing but be there. */
async function idle(names: readonly string[]): Promise<void> {
  const clients = names.map((name) => open(name, {}));
  await Promise.all(clients.map((client) => firstValueFrom(client.connected$)));
  tell({ event: 'ready' });
}

/** A fresh connection every 100 ms publishes at QoS 1, once. */
function probe(name: string): void {
  let number = 0;
  tell({ event: 'ready' });
  interval(100).subscribe(() => {
    const startedAt = Date.now();
    const client = connect({
      ...task.options,
      clientId: `${name}-${number++}`,
      reconnect: false,
      log: false,
      startWith: 'random',
    });
    client.publish('probe', '', { qos: 1 }).subscribe({
      complete: () => {
        tell({ event: 'probe', startedAt, ackedAt: Date.now() });
        void client.end();
      },
      // It was sent to a node that is down; the next one follows.
      error: () => void client.end({ force: true }),
    });
  });
}

switch (task.role) {
  case 'publisher':
    void publish(task.name, task.topic, task.rate, task.atLeast);
    break;
  case 'worker':
    void work(task.name, task.filter);
    break;
  case 'herd':
    void idle(task.names);
    break;
  case 'probe':
    probe(task.name);
}
