import { computed, type Signal } from '@angular/core';
import type { MqttError, MqttMessage, SubscribeOptions } from 'rxmqtt';
import type { NoInference } from '../operators/no-inference.js';
import { followFilters } from './follow-filters.js';
import type { MqttFilterSource } from './mqtt-filters.js';

/**
 * `idle` while there is no filter; `loading` until the first message, then `resolved`, online or offline; `error` when
 * the subscription has failed.
 */
export type MqttResourceStatus = 'idle' | 'loading' | 'resolved' | 'error';

/** Status and value, or status and error. */
export type MqttResourceSnapshot<T> =
  | { readonly status: 'idle' | 'loading' | 'resolved'; readonly value: T }
  | { readonly status: 'error'; readonly error: MqttError };

/** Options of {@link mqttResource}. */
export interface MqttResourceOptions<T, I = undefined> extends SubscribeOptions {
  /** The broker's name. Default: the broker without a name. */
  readonly broker?: string;
  /** The value before the first message of the filters. Default undefined. */
  readonly initialValue?: I;
  /** Maps a message to a value. Default: the message itself. A throw shows as the error and ends the subscription. */
  readonly map?: (message: MqttMessage) => T;
}

/**
 * The newest message of a subscription, with its status. It can be used as the `Resource<T>` of Angular 20 and later,
 * with one difference: reading `value` never throws.
 */
export interface MqttResource<T> {
  /** The newest value of the current filters, or the initial one. It stays when an error follows. */
  readonly value: Signal<T>;
  /** Whether there are filters, a first message, or an error. */
  readonly status: Signal<MqttResourceStatus>;
  /** Whether the first message of the filters has not come yet. */
  readonly isLoading: Signal<boolean>;
  /**
   * Why the subscription failed: the broker refused it, the client failed for good, or a function threw (its error is
   * the `cause`).
   */
  readonly error: Signal<MqttError | undefined>;
  /** Status and value, or status and error. */
  readonly snapshot: Signal<MqttResourceSnapshot<T>>;
  /** Whether there is a value other than undefined, and no error. Reactive. */
  hasValue(this: T extends undefined ? this : never): this is MqttResource<Exclude<T, undefined>>;
  /** The same, where `T` does not narrow. */
  hasValue(): boolean;
  /**
   * Subscribes again, for example after an error. The value stays until the next message.
   * @returns whether there is a filter to subscribe to.
   */
  reload(): boolean;
}

/**
 * Subscribes to topic filters for the lifetime of the injection context, and shows loading, value and error.
 *
 * A function is called again when signals or inputs that it reads change; `undefined` and an empty list mean: not
 * subscribed. From the change on, status and value are as before the first message: a value of the old filters never
 * shows as one of the new filters. UNSUBSCRIBE and SUBSCRIBE leave together, when Angular runs its effects.
 *
 * @example
 * ```ts
 * readonly id = input.required<string>();
 * readonly level = mqttResource(() => `tank/${this.id()}/level`, { map: (message) => message.json<number>() });
 * // @if (level.hasValue()) { {{ level.value() }} } @else { {{ level.error()?.message ?? level.status() }} }
 * ```
 */
export function mqttResource<T, I = undefined>(
  filters: MqttFilterSource,
  options: MqttResourceOptions<T, I> & { readonly map: (message: MqttMessage) => T },
): MqttResource<T | NoInference<I>>;
/** Without `map`: the newest message itself. */
export function mqttResource<I = undefined>(
  filters: MqttFilterSource,
  options?: Omit<MqttResourceOptions<MqttMessage, I>, 'map'>,
): MqttResource<MqttMessage | NoInference<I>>;
export function mqttResource<T, I>(
  filters: MqttFilterSource,
  options: MqttResourceOptions<T, I> = {},
): MqttResource<T | I> {
  const { initialValue, map = (message: MqttMessage) => message as T, ...rest } = options;
  const { followed, reload } = followFilters<T | I>(filters, {
    ...rest,
    initialValue: initialValue as I,
    map,
    endOnThrow: true,
  });
  const hasValue = (): boolean => followed().error === undefined && followed().value !== undefined;
  return {
    value: computed(() => followed().value),
    status: computed(() => followed().status),
    isLoading: computed(() => followed().status === 'loading'),
    error: computed(() => followed().error),
    snapshot: computed((): MqttResourceSnapshot<T | I> => {
      const { status, value, error } = followed();
      return status === 'error' ? { status, error } : { status, value };
    }),
    hasValue: hasValue as MqttResource<T | I>['hasValue'],
    reload,
  };
}
