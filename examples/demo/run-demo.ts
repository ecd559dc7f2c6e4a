import {
  concat,
  defer,
  filter,
  interval,
  lastValueFrom,
  merge,
  type Observable,
  Subject,
  take,
  takeUntil,
  tap,
  timer,
} from 'rxjs';
import { connect, type ConnectionState, nodeTransport } from 'rxmqtt';
import { Cable } from './cable.js';
import { draw, drawPlainly } from './draw.js';
import { outage } from './outage.js';
import { readingsAsTable } from './pipeline.js';
import { type Counts, FILTER, Ledger } from './readings.js';
import { Recorder } from './recorder.js';
import type { Screen } from './screen.js';
import { Sensors, sharedOut } from './sensors.js';
import { type Code, SAMPLE } from './view.js';

export interface Demo {
  /** The subscriber takes the first; the sensors share them out. */
  readonly urls: readonly string[];
  readonly seconds: number;
  readonly screen: Screen;
  /** Ends the demo before its time. */
  readonly interrupt$: Observable<unknown>;
  /** The code that runs, shown beside what it does. */
  readonly code: Code;
}

/** ms that the last readings may take to arrive. */
const PATIENCE = 10_000;

/** Sensors publish, one pipeline shows what they say, and once the cable to the broker is cut. Resolves with the counts. */
export async function runDemo({ urls, seconds, screen, interrupt$, code }: Demo): Promise<Counts> {
  const run = Math.random().toString(36).slice(2, 10);
  const ledger = new Ledger();
  const cable = new Cable();
  const client = connect(urls[0] ?? '', {
    clientId: `demo-${run}`,
    clean: false,
    sessionExpiry: 60,
    reconnect: { minDelay: 250, maxAttempts: 5, jitter: 'none' },
    transport: cable.over(nodeTransport),
  });
  const sensors = new Sensors(urls, run, cable);
  const recorder = new Recorder({ seconds, ledger, sensors, cable, code });
  screen.log(`sensors: ${sharedOut(urls)}`);
  if (!screen.isTerminal) [...code.sensor, ...code.pipeline].forEach((line) => screen.log(`    ${line}`));
  client.state$.subscribe((state) => screen.log(describe(state)));

  const over = new Subject<void>();
  const table$ = readingsAsTable(client, {
    run,
    received: (reading) => ledger.received(reading),
    over$: over,
    pace: screen.pace,
  }).pipe(tap((table) => (recorder.table = table)));
  const show = (): void => {
    const { view } = recorder;
    screen.show(screen.isTerminal ? draw(view, screen.size, screen.paint) : drawPlainly(view));
  };
  const drawing$ = merge(
    interval(SAMPLE).pipe(tap(() => recorder.sample())),
    interval(screen.pace).pipe(tap(show)),
  ).pipe(takeUntil(over));

  const stop$ = merge(timer(seconds * 1000), interrupt$);
  const outage$ = outage(cable, {
    seconds,
    onCut(ms) {
      recorder.cut();
      screen.log(`the cable is cut for ${ms / 1000} s: what the sensors publish waits in their outboxes`);
    },
    onMend: () => screen.log(`the cable is mended: ${sensors.waiting} messages have waited`),
  }).pipe(takeUntil(interrupt$));
  const complete$ = interval(50).pipe(
    filter(() => ledger.counts.lost === 0 && (client.state.status === 'connected' || ledger.counts.published === 0)),
  );
  const script$ = concat(
    client.granted(FILTER).pipe(takeUntil(interrupt$)),
    defer(() => {
      recorder.begin();
      return merge(sensors.publish(stop$).pipe(tap((reading) => ledger.published(reading))), outage$);
    }),
    complete$.pipe(take(1), takeUntil(timer(PATIENCE))),
  );

  try {
    // The subscription errors when the client cannot connect for good, and takes the script with it.
    await lastValueFrom(merge(table$, drawing$, script$.pipe(tap({ complete: () => over.next() }))), {
      defaultValue: undefined,
    });
    show();
  } finally {
    await Promise.all([client.end({ sessionExpiry: 0 }), sensors.end()]);
  }
  return ledger.counts;
}

function describe(state: ConnectionState): string {
  switch (state.status) {
    case 'connecting':
      return `connecting to ${state.url}, attempt ${state.attempt}`;
    case 'connected': {
      const session = state.sessionPresent ? 'the session goes on' : 'new session';
      return `connected to ${state.url} with protocol version ${state.negotiated.protocolVersion}, ${session}`;
    }
    case 'reconnecting':
      return `reconnecting in ${state.delay ?? '?'} ms: ${state.reason.message}`;
    default:
      return state.status;
  }
}
