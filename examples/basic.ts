import { forkJoin, lastValueFrom, take, tap } from 'rxjs';
import { connect } from 'rxmqtt';
import { standalone } from './standalone.js';

/** Connects, subscribes, publishes three messages, prints what comes back, and ends. */
export async function basic(url: string, print: (line: string) => void = console.log): Promise<void> {
  const client = connect(url);
  client.state$.subscribe(({ status }) => print(`state: ${status}`));

  const received = lastValueFrom(
    client.subscribe('hall/+/temperature', { qos: 1 }).pipe(
      take(3),
      tap((message) => print(`${message.topic}: ${message.text()} °C`)),
    ),
  );
  await lastValueFrom(
    forkJoin([
      client.publish('hall/1/temperature', '19.5', { qos: 1 }),
      client.publish('hall/2/temperature', '21.0', { qos: 1 }),
      client.publish('hall/3/temperature', '20.5', { qos: 1 }),
    ]),
  );
  await received;
  await client.end();
}

standalone('basic', (url) => basic(url));
