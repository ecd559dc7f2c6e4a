import { ignoreElements, map, type Observable } from 'rxjs';
import { json, type MqttClient, publishTo } from 'rxmqtt';

/** What needs the client asks for it, and for no more of it than it uses. */
export class Thermostat {
  constructor(private readonly client: Pick<MqttClient, 'subscribe' | 'publish'>) {}

  /** Heats a hall that is colder than it should be, while it is subscribed to. */
  keep(hall: number, celsius: number): Observable<never> {
    return this.client.subscribe(`hall/${hall}/celsius`, { qos: 1 }).pipe(
      json<number>(),
      map((now) => (now < celsius ? 'on' : 'off')),
      publishTo(this.client, (payload) => ({ topic: `hall/${hall}/heating`, payload, qos: 1 })),
      ignoreElements(),
    );
  }
}
