import {
  distinctUntilChanged,
  firstValueFrom,
  lastValueFrom,
  map,
  type Observable,
  ReplaySubject,
  skip,
  tap,
} from 'rxjs';
import { connect, latest, type MqttClient, topicTemplate } from 'rxmqtt';
import { standalone } from './standalone.js';

const trucks = topicTemplate('fleet/{truck}/position');

/**
 * A live map in twenty lines: where every truck is, drawn ten times a second at most, however fast positions come. It says
 * that it is loading until all that the broker remembers is there. A truck that is silent for a minute leaves the map.
 */
const fleetMap = (client: MqttClient): Observable<string> =>
  latest(client, trucks.filter, {
    map: (message) => message.json<{ place: string }>(),
    expire: 60_000,
    every: 100,
  }).pipe(
    map(({ value, complete }) =>
      complete
        ? [...value].map(([topic, { place }]) => `${trucks.params(topic)?.truck} in ${place}`).join(', ')
        : 'loading',
    ),
    distinctUntilChanged(),
  );

/** Two trucks drive, and one of them goes home. */
export async function drivingTrucks(url: string, print: (line: string) => void = console.log): Promise<void> {
  const screen = connect(url);
  const fleet = connect(url);
  const drive = (truck: number, payload: string) =>
    lastValueFrom(fleet.publish(trucks.name({ truck }), payload, { qos: 1, retain: true }));
  await drive(1, '{"place":"Kiel"}');
  await drive(2, '{"place":"Bonn"}');

  const drawn = new ReplaySubject<string>();
  fleetMap(screen).pipe(tap(print)).subscribe(drawn);
  await firstValueFrom(drawn.pipe(skip(1)));
  await Promise.all([drive(1, '{"place":"Rendsburg"}'), drive(1, '{"place":"Hamburg"}')]);
  await firstValueFrom(drawn.pipe(skip(2)));
  await drive(2, '');
  await firstValueFrom(drawn.pipe(skip(3)));
  await Promise.all([screen.end(), fleet.end()]);
}

standalone('fleet-map', (url) => drivingTrucks(url));
