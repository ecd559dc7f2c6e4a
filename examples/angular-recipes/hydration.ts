import { inject, InjectionToken, makeStateKey, TransferState } from '@angular/core';
import { latest, type MqttClient } from 'rxmqtt';
import { mqttSignal, type MqttSignal } from 'rxmqtt/angular';

/** On the server alone: the newest value of each topic. */
export const NEWEST = new InjectionToken<() => ReadonlyMap<string, string>>('the newest values');

/** For `server.ts`: one client, which lives as long as the process, knows the newest values for all requests. */
export function newestValues(client: MqttClient, filter: string): () => ReadonlyMap<string, string> {
  let newest: ReadonlyMap<string, string> = new Map();
  latest(client, filter, { map: (message) => message.text() }).subscribe({
    next: ({ value }) => (newest = value),
    // Pages are rendered without values then.
    error: console.error,
  });
  return () => newest;
}

/** The newest value of a topic. It starts with the one that the server has rendered. */
export function transferredSignal(topic: string): MqttSignal<string | undefined> {
  const key = makeStateKey<string | undefined>(`mqtt:${topic}`);
  const transfer = inject(TransferState);
  const newest = inject(NEWEST, { optional: true })?.().get(topic);
  if (newest !== undefined) transfer.set(key, newest);
  return mqttSignal(topic, { initialValue: transfer.get(key, undefined), map: (message) => message.text() });
}
