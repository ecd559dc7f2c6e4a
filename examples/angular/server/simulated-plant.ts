import { interval, merge, type Observable, Subscription, tap } from 'rxjs';
import { connect, type MqttClient } from '../../../src/index.js';

interface Simulated {
  readonly id: string;
  readonly name: string;
  readonly area: string;
  readonly quantity: string;
  readonly unit: string;
  readonly min: number;
  readonly max: number;
  readonly setPoint: number;
  readonly status: 'running' | 'standby' | 'fault';
  /** How much of the way to the set point is gone in a second. */
  readonly pace: number;
  readonly noise: number;
}

const DEVICES: readonly Simulated[] = [
  device('boiler-1', 'Boiler 1', 'Boiler house', 'Flow temperature', '°C', 40, 90, 72, 0.05, 0.6),
  device('boiler-2', 'Boiler 2', 'Boiler house', 'Flow temperature', '°C', 40, 90, 68, 0.05, 0.6),
  device('chiller', 'Chiller', 'Roof', 'Flow temperature', '°C', 4, 16, 7, 0.08, 0.2),
  device('compressor', 'Compressor', 'Hall 2', 'Pressure', 'bar', 4, 10, 7.5, 0.2, 0.15),
  device('feed-pump', 'Feed pump', 'Boiler house', 'Flow', 'm³/h', 0, 40, 24, 0.3, 0.8),
  { ...device('mixer', 'Mixer', 'Hall 1', 'Speed', 'rpm', 0, 900, 450, 0.25, 6), status: 'standby' },
  device('oven', 'Tunnel oven', 'Hall 1', 'Temperature', '°C', 120, 260, 210, 0.04, 1.5),
  { ...device('tank-3', 'Tank 3', 'Yard', 'Level', '%', 0, 100, 63, 0.02, 0.3), status: 'fault' },
];

function device(
  id: string,
  name: string,
  area: string,
  quantity: string,
  unit: string,
  min: number,
  max: number,
  setPoint: number,
  pace: number,
  noise: number,
): Simulated {
  return { id, name, area, quantity, unit, min, max, setPoint, pace, noise, status: 'running' };
}

/** Runs the devices of a small plant against a broker until it is stopped; they come back when the broker does. */
export function simulatePlant(url: string): () => Promise<void> {
  const client = connect(url, { clientId: 'plant-simulation', reconnect: { minDelay: 200, maxDelay: 500 } });
  const running = new Subscription();
  // After each connection: the broker keeps nothing when it is restarted.
  running.add(
    client.state$.subscribe(({ status }) => {
      if (status === 'connected') DEVICES.forEach(({ id, ...info }) => retain(client, `plant/${id}/info`, info));
    }),
  );
  running.add(merge(...DEVICES.map((simulated) => run(client, simulated))).subscribe());
  return () => {
    running.unsubscribe();
    return client.end({ force: true });
  };
}

/** One device: it moves to its set point, tells its value twice a second, and takes another set point. */
function run(client: MqttClient, { id, setPoint, status, pace, noise }: Simulated): Observable<unknown> {
  let wanted = setPoint;
  let value = setPoint * 0.96;
  let phase = setPoint;
  const tellState = (): void => retain(client, `plant/${id}/state`, { status, setPoint: wanted });
  const commands$ = client.subscribe(`plant/${id}/set`, { qos: 1 }).pipe(
    tap((message) => {
      wanted = message.json<number>();
      tellState();
    }),
  );
  const values$ = interval(500).pipe(
    tap(() => {
      phase += 0.35;
      value += (wanted - value) * pace + (Math.sin(phase) + Math.random() - 0.5) * noise * 0.5;
      if (client.state.status !== 'connected') return;
      client.publish(`plant/${id}/value`, value.toFixed(2)).subscribe();
    }),
  );
  const states$ = client.state$.pipe(tap((state) => state.status === 'connected' && tellState()));
  return merge(commands$, values$, states$);
}

function retain(client: MqttClient, topic: string, content: unknown): void {
  client.publish(topic, JSON.stringify(content), { qos: 1, retain: true }).subscribe();
}
