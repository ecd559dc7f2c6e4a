import { inject, makeStateKey, REQUEST_CONTEXT, TransferState } from '@angular/core';
import { mqttSignal, type MqttSignal } from 'rxmqtt/angular';

/** What `server.ts` gives to `handle()`. There is none in the browser, and none while `ng build` renders pages. */
interface RequestContext {
  readonly newest: ReadonlyMap<string, string>;
}

/** The newest value of a topic. It starts with the one that the server has rendered. */
export function transferredSignal(topic: string): MqttSignal<string | undefined> {
  const key = makeStateKey<string | undefined>(`mqtt:${topic}`);
  const transfer = inject(TransferState);
  const context = inject(REQUEST_CONTEXT, { optional: true }) as RequestContext | null;
  const newest = context?.newest.get(topic);
  if (newest !== undefined) transfer.set(key, newest);
  return mqttSignal(topic, { initialValue: transfer.get(key, undefined), map: (message) => message.text() });
}
