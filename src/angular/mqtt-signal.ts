import { computed, type Signal } from '@angular/core';
import type { MqttError, MqttMessage, SubscribeOptions } from 'rxmqtt';
import type { NoInference } from '../operators/no-inference.js';
import { followFilters } from './follow-filters.js';
import type { MqttFilterSource } from './mqtt-filters.js';

/** Options of {@link mqttSignal}. */
export interface MqttSignalOptions<T, I = undefined> extends SubscribeOptions {
  /** The broker's name. Default: the broker without a name. */
  readonly broker?: string;
  /** The value before the first message of the filters. Default undefined. */
  readonly initialValue?: I;
  /** Maps a message to a value. Default: the message itself. A throw shows as the error until the next message. */
  readonly map?: (message: MqttMessage) => T;
  /**
   * What the signal reads as while there is an error:
   * - `'keep'`, the default: the newest value, or the initial one;
   * - `'throw'`: it throws the error, as Angular's `toSignal` does. In a template, that stops the rendering;
   * - a function: its result.
   */
  readonly onError?: 'keep' | 'throw' | ((error: MqttError) => T);
}

/** A signal, with the error of its subscription. */
export type MqttSignal<T> = Signal<T> & {
  /**
   * Undefined while the subscription works. Otherwise: the broker refused a filter, the client failed for good, a
   * filter is invalid, or a function threw (its error is the `cause`).
   */
  readonly error: Signal<MqttError | undefined>;
};

/**
 * The newest message of a subscription as a signal. It subscribes at once, survives reconnects, and ends with its
 * injection context.
 *
 * A function is called again when signals or inputs that it reads change; `undefined` and an empty list mean: not
 * subscribed. From the change on, the signal holds the initial value: a value of the old filters never shows as one of
 * the new filters. UNSUBSCRIBE and SUBSCRIBE leave together, when Angular runs its effects.
 *
 * @example
 * ```ts
 * readonly id = input.required<string>();
 * readonly celsius = mqttSignal(() => `hall/${this.id()}/celsius`, { map: (message) => message.json<number>() });
 * // {{ celsius() ?? '-' }} °C @if (celsius.error(); as error) { {{ error.message }} }
 * ```
 */
export function mqttSignal<T, I = undefined>(
  filters: MqttFilterSource,
  options: MqttSignalOptions<T, I> & { readonly map: (message: MqttMessage) => T },
): MqttSignal<T | NoInference<I>>;
/** Without `map`: the newest message itself. */
export function mqttSignal<I = undefined>(
  filters: MqttFilterSource,
  options?: Omit<MqttSignalOptions<MqttMessage, I>, 'map'>,
): MqttSignal<MqttMessage | NoInference<I>>;
export function mqttSignal<T, I>(filters: MqttFilterSource, options: MqttSignalOptions<T, I> = {}): MqttSignal<T | I> {
  const { initialValue, map = (message: MqttMessage) => message as T, onError = 'keep', ...rest } = options;
  const { followed } = followFilters<T | I>(filters, {
    ...rest,
    initialValue: initialValue as I,
    map,
    endOnThrow: false,
  });
  const value = computed(() => {
    const { value: newest, error } = followed();
    if (error === undefined || onError === 'keep') return newest;
    if (onError === 'throw') throw error;
    return onError(error);
  });
  return Object.assign(value, { error: computed(() => followed().error) });
}
