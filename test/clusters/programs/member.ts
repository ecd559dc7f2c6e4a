/** A process of the ring: a publisher, a worker, a herd of idle clients, or a probe. It says in lines of JSON what happens. */
import { createInterface } from 'node:readline';
import {
  filter,
  firstValueFrom,
  interval,
  lastValueFrom,
  takeUntil,
  mergeMap,
  retry,
  Subject,
  switchMap,
  timer,
} from 'rxjs';
import { ackAfter, connect, publishTo, type ClientOptions, type MqttClient } from '../../../src/index.js';
import { control } from '../control.js';
import type { MemberEvent, MemberTask } from '../member-task.js';
import { Seen } from '../seen.js';

const task = JSON.parse(process.argv[2] ?? '') as MemberTask;
const tell = (event: MemberEvent): void => void process.stdout.write(`${JSON.stringify(event)}\n`);
const finish$ = new Subject<void>();
// It ends with the ring, however that ends.
createInterface({ input: process.stdin })
  .on('line', () => finish$.next())
  .on('close', () => process.exit());

/** Connects, and tells every transition of the state. */
function open(clientId: string, options: ClientOptions): MqttClient {
  const client = connect({ ...task.options, ...options, clientId });
  client.state$.subscribe((state) => {
    const delay = state.status === 'reconnecting' ? state.delay : undefined;
    const url = 'url' in state ? state.url : undefined;
    const { message: reason, reasonCode } = ('reason' in state && state.reason) || {};
    const sessionPresent = state.status === 'connected' ? state.sessionPresent : undefined;
    const event = { clientId, at: Date.now(), status: state.status, delay, url, reason, reasonCode, sessionPresent };
    tell({ event: 'state', ...event });
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
  finish$.pipe(switchMap(() => interval(1000))).subscribe(() => tell({ event: 'progress', acked }));
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

/** Takes everything, and sums up when it is told to. */
async function work(name: string, topicFilter: string): Promise<void> {
  const client = open(name, { clean: false });
  const seen = new Seen();
  client.packets$.subscribe(({ direction, packet }) => {
    if (packet.cmd === 'publish' && direction === 'in') seen.arrived(packet.topic, packet.text());
  });
  client
    .subscribe(topicFilter, { qos: 1, ack: 'manual' })
    .pipe(
      // A node that does not know its leader yet refuses.
      retry({ delay: 1000 }),
      ackAfter(
        (message) => {
          seen.delivered(message.topic, message.text());
          return timer(0);
        },
        { concurrency: 20, key: ({ topic }) => topic },
      ),
    )
    .subscribe();
  const isGranted$ = client.subscriptions$.pipe(filter((all) => all.get(topicFilter)?.status === 'active'));
  await firstValueFrom(isGranted$);
  tell({ event: 'ready' });
  finish$.subscribe(() => tell({ event: 'summary', topics: seen.summary() }));
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
  case 'control': {
    const seen = control(task.name, task.filter, task.options, () => tell({ event: 'ready' }));
    finish$.subscribe(() => tell({ event: 'summary', topics: seen.summary() }));
    break;
  }
  case 'herd':
    void idle(task.names);
    break;
  case 'probe':
    probe(task.name);
}
