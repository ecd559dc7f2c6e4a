import {
  auditTime,
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
import { connect, type ConnectionState, json, nodeTransport } from 'rxmqtt';
import { cuttable } from './cuttable.js';
import { type Counts, FILTER, Ledger, type Reading } from './readings.js';
import type { Screen } from './screen.js';
import { sensors, sharedOut } from './sensors.js';
import { asTable, render } from './table.js';

export interface Demo {
  /** The subscriber takes the first; the sensors share them out. */
  readonly urls: readonly string[];
  readonly seconds: number;
  readonly screen: Screen;
  /** Ends the demo before its time. */
  readonly interrupt$: Observable<unknown>;
}

/** ms that the last readings may take to arrive. */
const PATIENCE = 10_000;

/** Sensors publish, one pipeline shows what they say, and half-way its connection is cut. Resolves with the counts. */
export async function runDemo({ urls, seconds, screen, interrupt$ }: Demo): Promise<Counts> {
  const run = Math.random().toString(36).slice(2, 10);
  const ledger = new Ledger();
  const cut = new Subject<unknown>();
  const client = connect(urls[0] ?? '', {
    clientId: `demo-${run}`,
    clean: false,
    sessionExpiry: 60,
    reconnect: { minDelay: 250, maxAttempts: 5, jitter: 'none' },
    transport: cuttable(nodeTransport, cut),
  });
  screen.log(`sensors: ${sharedOut(urls)}`);
  client.state$.subscribe((state) => screen.log(describe(state)));

  const over = new Subject<void>();
  const table$ = client.subscribe(FILTER, { qos: 1 }).pipe(
    json<Reading>({ onError: 'skip' }),
    filter((reading) => reading.run === run),
    tap((reading) => ledger.received(reading)),
    takeUntil(over),
    asTable,
    auditTime(screen.pace),
    tap((table) => screen.show(render(table))),
  );

  const stop$ = merge(timer(seconds * 1000), interrupt$);
  const published$ = sensors(urls, run, stop$).pipe(tap((reading) => ledger.published(reading)));
  const halfway$ = timer(seconds * 500).pipe(takeUntil(interrupt$), tap(cut));
  const complete$ = interval(50).pipe(
    filter(() => ledger.counts.lost === 0 && (client.state.status === 'connected' || ledger.counts.published === 0)),
  );
  const script$ = concat(
    client.granted(FILTER).pipe(takeUntil(interrupt$)),
    defer(() => merge(published$, halfway$)),
    complete$.pipe(take(1), takeUntil(timer(PATIENCE))),
  );

  try {
    // The subscription errors when the client cannot connect for good, and takes the script with it.
    await lastValueFrom(merge(table$, script$.pipe(tap({ complete: () => over.next() }))), { defaultValue: undefined });
  } finally {
    await client.end({ sessionExpiry: 0 });
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
