import type { MqttClient, MqttMessage } from 'rxmqtt';
import { auditTime, filter, map, type Observable, scan } from 'rxjs';

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
}

/** All that is known of a device; parts of it come in any order. */
export interface Device {
  readonly id: string;
  readonly info?: DeviceInfo;
  readonly state?: DeviceState;
  /** The newest values, the last one now: times in s, and numbers. */
  readonly times: readonly number[];
  readonly values: readonly number[];
}

const KEPT_VALUES = 120;

/** The devices, ordered by name: at once what the broker retains, then every change. One id, or all of them. */
export function devices$(client: MqttClient, id = '+'): Observable<readonly Device[]> {
  const filters = ['info', 'state', 'value'].map((part) => `plant/${id}/${part}`);
  return client.subscribe(filters, { qos: 0 }).pipe(
    scan((devices, message) => devices.set(...withMessage(devices, message)), new Map<string, Device>()),
    // A browser paints 60 times a second; messages may come by the thousand.
    auditTime(100),
    map((devices) => [...devices.values()].sort((a, b) => nameOf(a).localeCompare(nameOf(b)))),
  );
}

export function device$(client: MqttClient, id: string): Observable<Device> {
  return devices$(client, id).pipe(
    map(([device]) => device),
    filter((device) => device !== undefined),
  );
}

export const nameOf = ({ id, info }: Device): string => info?.name ?? id;

function withMessage(devices: ReadonlyMap<string, Device>, message: MqttMessage): [string, Device] {
  const [, id = '', part] = message.topic.split('/');
  const device = devices.get(id) ?? { id, times: [], values: [] };
  switch (part) {
    case 'info':
      return [id, { ...device, info: message.json<DeviceInfo>() }];
    case 'state':
      return [id, { ...device, state: message.json<DeviceState>() }];
    default:
      return [
        id,
        {
          ...device,
          times: [...device.times, Date.now() / 1000].slice(-KEPT_VALUES),
          values: [...device.values, message.json<number>()].slice(-KEPT_VALUES),
        },
      ];
  }
}
