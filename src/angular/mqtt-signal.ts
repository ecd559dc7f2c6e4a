import { computed, type Signal } from '@angular/core';
import type { MqttMessage, SubscribeOptions } from 'rxmqtt';
import { mqttResource } from './mqtt-resource.js';

export interface MqttSignalOptions<T, I = undefined> extends SubscribeOptions {
  /** The broker's name. Default: the broker without a name. */
  readonly broker?: string;
  /** The value before the first message. Default undefined. */
  readonly initialValue?: I;
  /** Maps a message to a value. Default: the message itself. */
  readonly map?: (message: MqttMessage) => T;
}

/**
 * The newest message of a subscription as a signal. It subscribes at once, survives reconnects, and ends with its
 * injection context. After a refusal by the broker, or a throw in `map`, reading it throws that error, as with
 * Angular's `toSignal`; {@link mqttResource} shows the error instead.
 *
 * @example
 * ```ts
 * readonly temperature = mqttSignal('hall/7/temperature', { initialValue: 0, map: (message) => message.json<number>()
 * });
 * ```
 */
export function mqttSignal<T, I = undefined>(
  filter: string | readonly string[],
  options: MqttSignalOptions<T, I> & { readonly map: (message: MqttMessage) => T },
): Signal<T | I>;
export function mqttSignal<I = undefined>(
  filter: string | readonly string[],
  options?: Omit<MqttSignalOptions<MqttMessage, I>, 'map'>,
): Signal<MqttMessage | I>;
export function mqttSignal<T, I>(
  filter: string | readonly string[],
  options: MqttSignalOptions<T, I> = {},
): Signal<T | I> {
  const { initialValue, map = (message: MqttMessage) => message as T, ...rest } = options;
  // Boxed, because undefined is a value too, different from no message yet.
  const newest = mqttResource(filter, { ...rest, map: (message: MqttMessage) => ({ value: map(message) }) });
  return computed(() => {
    const error = newest.error();
    if (error !== undefined) throw error;
    const box = newest.value();
    return box === undefined ? (initialValue as I) : box.value;
  });
}
