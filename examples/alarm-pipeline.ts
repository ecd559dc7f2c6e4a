import { distinctUntilChanged, filter, firstValueFrom, groupBy, lastValueFrom, map, mergeMap, take, tap } from 'rxjs';
import { connect, parse, publishTo, type PayloadError } from 'rxmqtt';
import { z } from 'zod';
import { standalone } from './standalone.js';

const Reading = z.object({ tank: z.string(), level: z.number().min(0).max(100) });

/** What devices send: good readings, one that no tank can have, and one that is cut off. */
const SENT = [
  '{"tank":"A","level":40}',
  '{"tank":"A","level":140}',
  '{"tank":"B","level":95}',
  '{"tank":"A","lev',
  '{"tank":"A","level":97}',
  '{"tank":"A","level":98}',
  '{"tank":"A","level":60}',
];

/** An alarm when a tank becomes full and when it no longer is. What is no reading is reported, and does no harm. */
export async function alarmPipeline(url: string, print: (line: string) => void = console.log): Promise<void> {
  const monitor = connect(url);
  const devices = connect(url);
  const report = ({ topic, issues }: PayloadError): void =>
    print(`bad reading on ${topic}: ${issues[0]?.path?.map(String).join('.') ?? 'no JSON'}`);
  const alarms$ = monitor.subscribe('tanks/+/reading', { qos: 1 }).pipe(
    parse(Reading, { onError: report }),
    groupBy(({ tank }) => tank),
    mergeMap((tank$) =>
      tank$.pipe(
        map(({ level }) => level > 90),
        distinctUntilChanged(),
        filter((isFull, index) => isFull || index > 0),
        map((isFull) => ({ topic: `alarms/${tank$.key}`, payload: isFull ? 'full' : 'fine', qos: 1 as const })),
      ),
    ),
    tap(({ topic, payload }) => print(`${topic}: ${payload}`)),
    publishTo(monitor),
    take(3),
  );
  const done = lastValueFrom(alarms$);
  await firstValueFrom(monitor.granted('tanks/+/reading'));
  for (const payload of SENT) await lastValueFrom(devices.publish('tanks/gateway-1/reading', payload, { qos: 1 }));
  await done;
  await Promise.all([monitor.end(), devices.end()]);
}

standalone('alarm-pipeline', (url) => alarmPipeline(url));
