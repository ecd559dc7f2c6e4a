import { interval, map, merge, mergeMap, type Observable, takeUntil } from 'rxjs';
import { connect, type MqttClient, nodeTransport } from 'rxmqtt';
import type { Cable } from './cable.js';

import { FILTER, type Reading } from './readings.js';

const SITES = ['north', 'south', 'east', 'west', 'harbour', 'tower'];

/** ms between two readings of one sensor. */
const PERIOD = 50;

/** Messages per second that a sensor sends of those that have waited: three times what it measures. */
const DRAIN_RATE = 60;

/** How the sensors are shared out: `3 over tcp, 3 over ws`. */
export function sharedOut(urls: readonly string[]): string {
  const counts = new Map<string, number>();
  SITES.forEach((_, index) => {
    const scheme = (urls[index % urls.length] ?? '').split(':')[0] ?? '';
    counts.set(scheme, (counts.get(scheme) ?? 0) + 1);
  });
  return [...counts].map(([scheme, count]) => `${count} over ${scheme}`).join(', ');
}

/** One client a site, each on a socket of its own, the URLs dealt out in turn. */
export class Sensors {
  private readonly clients: readonly MqttClient[];

  constructor(
    urls: readonly string[],
    private readonly run: string,
    cable: Cable,
  ) {
    this.clients = SITES.map((site, index) =>
      connect(urls[index % urls.length] ?? '', {
        clientId: `demo-${run}-${site}`,
        clean: false,
        sessionExpiry: 60,
        reconnect: { minDelay: 250, jitter: 'none' },
        offline: { rate: DRAIN_RATE },
        // They share the cable of the pipeline, whose state is shown.
        log: false,
        transport: cable.over(nodeTransport),
      }),
    );
  }

  /** Messages in the outboxes. */
  get waiting(): number {
    return this.clients.reduce((sum, client) => sum + client.stats().outbox.messages, 0);
  }

  /**
   * Emits each reading when the broker has acknowledged it. After `stop$` nothing new is published; completes when the
   * last acknowledgement is in.
   */
  publish(stop$: Observable<unknown>): Observable<Reading> {
    return merge(...this.clients.map((client, index) => sensor(client, this.reader(index), stop$)));
  }

  /** Ends them all; their sessions go with them. */
  async end(): Promise<void> {
    await Promise.all(this.clients.map((client) => client.end({ sessionExpiry: 0 })));
  }

  private reader(index: number): (n: number) => Reading {
    return (n) => ({
      run: this.run,
      site: SITES[index] ?? '',
      sequence: n + 1,
      celsius: Number((18 + index + 3 * Math.sin(n / 8) + Math.random()).toFixed(2)),
    });
  }
}

/** One sensor; shown while it runs, from the text of this file. */
function sensor(client: MqttClient, read: (n: number) => Reading, stop$: Observable<unknown>): Observable<Reading> {
  const publish = (reading: Reading): Observable<Reading> =>
    client.publish(FILTER.replace('+', reading.site), JSON.stringify(reading), { qos: 1 }).pipe(map(() => reading));
  return interval(PERIOD).pipe(
    takeUntil(stop$),
    map(read),
    mergeMap((reading) => publish(reading)),
  );
}
