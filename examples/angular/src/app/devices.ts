import { latestByTopic, type MqttClient, type MqttMessage, watchPresence } from 'rxmqtt';
import { combineLatest, map, type Observable, startWith } from 'rxjs';
import { extended, type History, NO_HISTORY } from './history';

export type DeviceStatus = 'running' | 'standby' | 'fault';

/** `plant/<id>/info`, retained. */
export interface DeviceInfo {
  readonly name: string;
  readonly area: string;
  readonly quantity: string;
  readonly unit: string;
  readonly min: number;
  readonly max: number;
}

/** `plant/<id>/state`, retained. */
export interface DeviceState {
  readonly status: DeviceStatus;
  readonly setPoint: number;
  /** What is wrong, in words. */
  readonly reason?: string;
}

/** All that is known of a device; parts of it come in any order. */
export interface Device {
  readonly id: string;
  readonly info: DeviceInfo | undefined;
  readonly state: DeviceState | undefined;
  /** Whether it is connected to the broker, by its presence and its will. */
  readonly isPresent: boolean;
  readonly history: History;
}

/** What the newest message of a topic says, by its last level. */
interface Part {
  readonly info?: DeviceInfo;
  readonly state?: DeviceState;
  readonly value?: History;
}

/** ms between two pictures: a browser paints 60 times a second, and messages may come by the thousand. */
const PACE = 100;

/** The devices: at once what the broker retains, then every change. One id, or all of them. */
export function devices$(client: MqttClient, id = '+'): Observable<readonly Device[]> {
  const filters = ['info', 'state', 'value'].map((part) => `plant/${id}/${part}`);
  const parts$ = client.subscribe(filters).pipe(
    latestByTopic<Part>({
      map: (message, previous) => partOf(message, previous, client.stats().reconnects),
      every: PACE,
    }),
  );
  const presence$ = watchPresence(client, `plant/${id}/presence`).pipe(
    startWith(new Map<string, { online: boolean }>()),
  );
  return combineLatest([parts$, presence$]).pipe(
    map(([parts, presence]) => {
      const ids = new Set([...parts.keys()].map((topic) => topic.split('/')[1] ?? ''));
      return [...ids].map((one) => ({
        id: one,
        info: parts.get(`plant/${one}/info`)?.info,
        state: parts.get(`plant/${one}/state`)?.state,
        isPresent: presence.get(`plant/${one}/presence`)?.online ?? true,
        history: parts.get(`plant/${one}/value`)?.value ?? NO_HISTORY,
      }));
    }),
  );
}

export const nameOf = ({ id, info }: Device): string => info?.name ?? id;

/** What its pill says. */
export const statusOf = ({ isPresent, state }: Device): DeviceStatus | 'offline' | 'unknown' =>
  isPresent ? (state?.status ?? 'unknown') : 'offline';

export const needsAttention = (device: Device): boolean => ['fault', 'offline'].includes(statusOf(device));

/** Why it needs attention. */
export const reasonOf = (device: Device): string =>
  device.isPresent ? (device.state?.reason ?? 'The device reports a fault.') : 'The device has lost its connection.';

/** Faults first, then what is offline, then the rest; by name. */
export function byUrgency(a: Device, b: Device): number {
  return urgency(b) - urgency(a) || nameOf(a).localeCompare(nameOf(b));
}

function urgency(device: Device): number {
  return ['offline', 'fault'].indexOf(statusOf(device));
}

function partOf(message: MqttMessage, previous: Part | undefined, connection: number): Part {
  const part = message.topic.split('/')[2];
  if (part === 'value') {
    const measured = { time: Date.now(), value: Number(message.text()), connection };
    return { value: extended(previous?.value ?? NO_HISTORY, measured) };
  }
  try {
    return part === 'info' ? { info: message.json<DeviceInfo>() } : { state: message.json<DeviceState>() };
  } catch {
    // A device that sends nonsense stays as it was, and does not end the stream of the others.
    return previous ?? {};
  }
}
