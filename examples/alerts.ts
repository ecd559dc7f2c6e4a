import {
  concatMap,
  debounceTime,
  distinctUntilChanged,
  firstValueFrom,
  from,
  groupBy,
  lastValueFrom,
  map,
  mergeMap,
  type Observable,
  skipWhile,
  take,
  tap,
  timer,
} from 'rxjs';
import { connect, type MqttMessage, publishTo } from 'rxmqtt';
import { standalone } from './standalone.js';

const LIMIT = 6;
const CALM = 100;

/** One alert a boiler whenever its pressure has crossed the limit and stayed there for `CALM` ms. */
const alerts = (messages$: Observable<MqttMessage>) =>
  messages$.pipe(
    groupBy(({ topic }) => topic.split('/')[1] ?? ''),
    mergeMap((boiler$) =>
      boiler$.pipe(
        map((message) => (Number(message.text()) > LIMIT ? 'high' : 'normal')),
        debounceTime(CALM),
        distinctUntilChanged(),
        skipWhile((level) => level === 'normal'),
        map((level) => ({ topic: `alerts/boiler/${boiler$.key}`, payload: level, qos: 1 as const, retain: true })),
      ),
    ),
  );

/** A pressure that flutters around the limit, settles above it, stays there, and settles below. */
const BURSTS = [
  [5.1, 5.2, 5.1],
  [5.9, 6.1, 5.9, 6.2, 5.8, 6.4],
  [6.3, 6.6, 6.5],
  [6.1, 5.9, 6.1, 5.7],
];

/** Eleven crossings become two alerts, which are published for others to see. */
export async function alertsOfBoilers(url: string, print: (line: string) => void = console.log): Promise<void> {
  const monitor = connect(url);
  const boiler = connect(url);
  const watching = monitor.subscribe('boiler/+/pressure', { qos: 1 }).pipe(alerts, publishTo(monitor)).subscribe();
  const seen = lastValueFrom(
    monitor.subscribe('alerts/#', { qos: 1 }).pipe(
      take(2),
      tap((message) => print(`${message.topic}: pressure is ${message.text()}`)),
    ),
  );
  await firstValueFrom(monitor.granted('boiler/+/pressure'));
  await lastValueFrom(
    from(BURSTS).pipe(
      concatMap((burst) => timer(4 * CALM).pipe(concatMap(() => burst))),
      publishTo(boiler, (bar) => ({ topic: 'boiler/7/pressure', payload: String(bar), qos: 1 })),
    ),
  );
  await seen;
  watching.unsubscribe();
  await Promise.all([monitor.end(), boiler.end()]);
}

standalone('alerts', (url) => alertsOfBoilers(url));
