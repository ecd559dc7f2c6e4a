import type { Signal } from '@angular/core';
import { toSignal } from '@angular/core/rxjs-interop';
import { latest, watchPresence } from 'rxmqtt';
import { injectMqtt } from 'rxmqtt/angular';
import { catchError, combineLatest, map, of, startWith } from 'rxjs';

export interface Device {
  readonly id: string;
  readonly celsius: number;
  readonly online: boolean;
}

export interface DeviceList {
  readonly devices: readonly Device[];
  /** Whether the retained messages have not all come yet. */
  readonly isLoading: boolean;
  readonly error?: Error;
}

/** All devices, with their newest value and whether they are connected. */
export function deviceListSignal(): Signal<DeviceList> {
  const client = injectMqtt();
  const celsius$ = latest(client, 'device/+/celsius', {
    map: (message) => Number(message.text()),
    // Each new map is one change detection.
    every: 100,
  });
  const presence$ = watchPresence(client, 'device/{id}/status').pipe(
    startWith<ReadonlyMap<string, { readonly online: boolean }>>(new Map()),
  );
  const list$ = combineLatest([celsius$, presence$]).pipe(
    map(([{ value, complete }, presence]): DeviceList => {
      const devices = [...value].map(([topic, celsius]) => {
        const [, id = ''] = topic.split('/');
        return { id, celsius, online: presence.get(`device/${id}/status`)?.online ?? false };
      });
      return { devices, isLoading: !complete };
    }),
    catchError((error: Error) => of<DeviceList>({ devices: [], isLoading: false, error })),
  );
  return toSignal(list$, { requireSync: true });
}
