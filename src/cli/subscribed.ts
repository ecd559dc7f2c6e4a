import type { Observable } from 'rxjs';
import type { MqttClient, MqttMessage, SubscribeOptions } from 'rxmqtt';
import type { ConnectionValues } from './options/connection-options.js';
import type { RETAINED } from './options/filter-options.js';
import type { ValuesOf } from './options/option.js';
import { retainedMessages, filterMessages } from './retained-messages.js';

/** Longer than a command takes to end, in ms. */
const LINGER = 60_000;

/** Subscribes to filters with manual acknowledgement; `--retained` selects messages. */
export function subscribed(
  client: MqttClient,
  filters: readonly string[],
  values: ConnectionValues & ValuesOf<typeof RETAINED>,
  options: SubscribeOptions,
): Observable<MqttMessage> {
  const { retained } = values;
  // Do not unsubscribe at the end of the command: the connection ends anyway, or the session must stay as it is.
  const manual = { ...options, ack: 'manual', linger: LINGER } as const;
  if (retained === 'only') return retainedMessages(client, filters, manual);
  if (retained === undefined) return client.subscribe(filters, manual);
  // Before MQTT 5, a broker cannot be asked to leave them out.
  const isModern = values['protocol-version'] === 'auto' || values['protocol-version'] === 5;
  return client
    .subscribe(filters, { ...manual, ...(isModern && { retainHandling: 2 }) })
    .pipe(filterMessages((message) => !message.retain));
}
