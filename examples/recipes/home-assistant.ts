import { catchError, EMPTY, from, type Observable } from 'rxjs';
import { ackAfter, connect, type MqttClient, type MqttMessage, presence, publishTo } from 'rxmqtt';

export interface Heater {
  readonly client: MqttClient;
  /** Ends the client; Home Assistant shows the heater as unavailable. */
  end(): Promise<void>;
}

/**
 * A heater with a thermometer, which Home Assistant finds by itself: MQTT discovery, and whether it is available. `heat` does
 * what the switch in Home Assistant says.
 */
export function heater(
  url: string,
  id: string,
  celsius$: Observable<number>,
  heat: (on: boolean) => Promise<void>,
): Heater {
  const me = presence(`heaters/${id}/status`);
  const client = connect(url, { clientId: id, will: me.will });
  const report = { error: console.error };
  const topics = { celsius: `heaters/${id}/celsius`, state: `heaters/${id}/state`, set: `heaters/${id}/set` };

  /** Retained, so that a Home Assistant that starts later finds it, too. */
  const discover = (component: string, entity: object): void => {
    const payload = JSON.stringify({
      ...entity,
      unique_id: `${id}_${component}`,
      // `presence` says `online` and `offline`, which are the defaults of Home Assistant.
      availability_topic: me.topic,
      device: { identifiers: [id], name: `Heater ${id}` },
    });
    client.publish(`homeassistant/${component}/${id}/config`, payload, { qos: 1, retain: true }).subscribe(report);
  };
  discover('sensor', {
    name: 'Temperature',
    state_topic: topics.celsius,
    device_class: 'temperature',
    unit_of_measurement: '°C',
  });
  discover('switch', { name: 'Heating', command_topic: topics.set, state_topic: topics.state });

  me.announce(client).subscribe(report);
  celsius$
    .pipe(publishTo(client, (value) => ({ topic: topics.celsius, payload: String(value), qos: 1, retain: true })))
    .subscribe(report);

  const obey = async (command: MqttMessage): Promise<'ON' | 'OFF'> => {
    const on = command.text() === 'ON';
    await heat(on);
    return on ? 'ON' : 'OFF';
  };
  client
    .subscribe(topics.set, { qos: 1, ack: 'manual' })
    .pipe(
      // One after the other. A command that fails changes nothing, and the next one is obeyed.
      ackAfter((command) => from(obey(command)).pipe(catchError(failed)), { concurrency: 1 }),
      // Home Assistant shows what was done, not what was asked for.
      publishTo(client, (payload) => ({ topic: topics.state, payload, qos: 1, retain: true })),
    )
    .subscribe(report);
  return { client, end: () => me.end(client) };
}

function failed(error: unknown): Observable<never> {
  console.error(error);
  return EMPTY;
}
