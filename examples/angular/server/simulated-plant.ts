import { interval, map, merge, type Subscription, tap, timer } from 'rxjs';
import { connect, type MqttClient, type Presence, presence } from '../../../src/index.js';

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
  /** What is wrong. */
  readonly reason?: string;
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
  {
    ...device('tank-3', 'Tank 3', 'Yard', 'Level', '%', 0, 100, 63, 0.02, 0.3),
    status: 'fault',
    reason: 'The outlet valve does not close.',
  },
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

/** A small plant at a broker. All its clients come back when the broker does. */
export class SimulatedPlant {
  private readonly running = new Map<string, RunningDevice>();
  private readonly site: MqttClient;
  private readonly telling: Subscription;

  constructor(private readonly url: string) {
    for (const simulated of DEVICES) this.running.set(simulated.id, new RunningDevice(url, simulated));
    this.site = connect(url, { clientId: 'plant-site', reconnect: RECONNECT, log: false });
    const power$ = timer(0, 1000).pipe(map((n) => 400 + 25 * Math.sin(n / 9) + 6 * Math.random()));
    this.telling = merge(
      // After each connection: the broker keeps nothing when it is restarted.
      onConnected(this.site, () => tell(this.site, 'plant/name', 'Plant 7', true)),
      power$.pipe(tap((power) => tell(this.site, 'plant/power', power.toFixed(0)))),
    ).subscribe();
  }

  /** Switches a device off, or on again. */
  async toggle(id: string): Promise<void> {
    const running = this.running.get(id);
    const simulated = DEVICES.find((one) => one.id === id);
    if (running !== undefined) {
      this.running.delete(id);
      await running.switchOff();
    } else if (simulated !== undefined) {
      this.running.set(id, new RunningDevice(this.url, simulated));
    }
  }

  async stop(): Promise<void> {
    this.telling.unsubscribe();
    await Promise.all([this.site.end({ force: true }), ...[...this.running.values()].map((one) => one.stop())]);
  }
}

const RECONNECT = { minDelay: 200, maxDelay: 500 };

/** One device: it moves to its set point, tells its value twice a second, and takes another set point. */
class RunningDevice {
  private readonly client: MqttClient;
  private readonly presence: Presence;
  private readonly working: Subscription;

  constructor(url: string, { id, setPoint, status, reason, pace, noise, ...info }: Simulated) {
    this.presence = presence(`plant/${id}/presence`);
    const client = connect(url, {
      clientId: `plant-${id}`,
      will: this.presence.will,
      reconnect: RECONNECT,
      log: false,
    });
    this.client = client;
    let wanted = setPoint;
    let value = setPoint * 0.96;
    let phase = setPoint;
    const tellState = (): void =>
      tell(client, `plant/${id}/state`, JSON.stringify({ status, setPoint: wanted, reason }), true);
    this.working = merge(
      this.presence.announce(client),
      onConnected(client, () => {
        tell(client, `plant/${id}/info`, JSON.stringify(info), true);
        tellState();
      }),
      client.subscribe(`plant/${id}/set`, { qos: 1 }).pipe(
        tap((message) => {
          wanted = message.json<number>();
          tellState();
        }),
      ),
      interval(500).pipe(
        tap(() => {
          phase += 0.35;
          value += (wanted - value) * pace + (Math.sin(phase) + Math.random() - 0.5) * noise * 0.5;
          tell(client, `plant/${id}/value`, value.toFixed(2));
        }),
      ),
    ).subscribe();
  }

  /** As if its power failed: the broker publishes its will. */
  async switchOff(): Promise<void> {
    this.working.unsubscribe();
    await this.presence.end(this.client);
  }

  async stop(): Promise<void> {
    this.working.unsubscribe();
    await this.client.end({ force: true });
  }
}

const onConnected = (client: MqttClient, act: () => void) =>
  client.state$.pipe(tap(({ status }) => status === 'connected' && act()));

/** A value that is not retained is told while there is a connection, or not at all. */
function tell(client: MqttClient, topic: string, payload: string, retain = false): void {
  if (!retain && client.state.status !== 'connected') return;
  // What is on its way when the plant stops is not missed.
  client.publish(topic, payload, { qos: retain ? 1 : 0, retain }).subscribe({ error: () => undefined });
}
