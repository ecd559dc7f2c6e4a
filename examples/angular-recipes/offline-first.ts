import { type EnvironmentProviders, inject, InjectionToken } from '@angular/core';
import { BrowserLevel } from 'browser-level';
import { durable } from 'rxmqtt';
import { type BrokerOptions, mqttSignal, type MqttSignal, provideMqtt } from 'rxmqtt/angular';
import { type LevelDatabase, levelStore } from 'rxmqtt/store-level';

/** Where publishes wait, also over a reload of the page: IndexedDB. */
export const OUTBOX = new InjectionToken<LevelDatabase>('outbox', {
  providedIn: 'root',
  factory: () => new BrowserLevel('outbox'),
});

/** Where the newest values are kept. */
export const VALUES = new InjectionToken<Storage>('values', { providedIn: 'root', factory: () => localStorage });

/** The same session after each reload: the identifier of the client is that of this browser. */
export function provideOfflineMqtt(options: BrokerOptions): EnvironmentProviders {
  return provideMqtt(() => ({
    ...options,
    clientId: identifier(inject(VALUES)),
    clean: false,
    sessionExpiry: 7 * 86_400,
    store: durable(levelStore(inject(OUTBOX))),
  }));
}

function identifier(values: Storage): string {
  const known = values.getItem('client-id');
  if (known !== null) return known;
  const made = `web-${crypto.randomUUID()}`;
  values.setItem('client-id', made);
  return made;
}

/** A value, and when it came. */
export interface Kept<T> {
  readonly value: T;
  readonly at: number;
}

/** The newest value of a topic. It starts with the last one that this browser has seen. */
export function keptSignal<T>(topic: string): MqttSignal<Kept<T> | undefined> {
  const values = inject(VALUES);
  const kept = values.getItem(`mqtt:${topic}`);
  return mqttSignal(topic, {
    qos: 1,
    initialValue: kept === null ? undefined : (JSON.parse(kept) as Kept<T>),
    map: (message) => {
      const newest: Kept<T> = { value: message.json<T>(), at: Date.now() };
      values.setItem(`mqtt:${topic}`, JSON.stringify(newest));
      return newest;
    },
  });
}
