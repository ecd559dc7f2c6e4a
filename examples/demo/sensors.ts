import { defer, finalize, interval, map, merge, mergeMap, type Observable, takeUntil } from 'rxjs';
import { connect } from 'rxmqtt';
import { FILTER, type Reading } from './readings.js';

const SITES = ['north', 'south', 'east', 'west', 'harbour', 'tower'];

/** ms between two readings of one sensor. */
const PERIOD = 50;

/** How the sensors are shared out: `3 over tcp, 3 over ws`. */
export function sharedOut(urls: readonly string[]): string {
  const counts = new Map<string, number>();
  SITES.forEach((_, index) => {
    const scheme = (urls[index % urls.length] ?? '').split(':')[0] ?? '';
    counts.set(scheme, (counts.get(scheme) ?? 0) + 1);
  });
  return [...counts].map(([scheme, count]) => `${count} over ${scheme}`).join(', ');
}

/**
 * One client a site, each on a socket of its own, the URLs dealt out in turn. Emits each reading when the broker has
 * acknowledged it. After `stop$` nothing new is published; completes when the last acknowledgement is in.
 */
export function sensors(urls: readonly string[], run: string, stop$: Observable<unknown>): Observable<Reading> {
  return merge(...SITES.map((site, index) => sensor(urls[index % urls.length] ?? '', { run, site, index }, stop$)));
}

function sensor(
  url: string,
  { run, site, index }: { readonly run: string; readonly site: string; readonly index: number },
  stop$: Observable<unknown>,
): Observable<Reading> {
  return defer(() => {
    const client = connect(url, { clientId: `demo-${run}-${site}` });
    return interval(PERIOD).pipe(
      takeUntil(stop$),
      map((n): Reading => ({
        run,
        site,
        sequence: n + 1,
        celsius: Number((18 + index + 3 * Math.sin(n / 8) + Math.random()).toFixed(2)),
      })),
      mergeMap((reading) =>
        client.publish(FILTER.replace('+', site), JSON.stringify(reading), { qos: 1 }).pipe(map(() => reading)),
      ),
      finalize(() => void client.end()),
    );
  });
}
