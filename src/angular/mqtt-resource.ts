import { computed, DestroyRef, inject, signal, type Signal } from '@angular/core';
import type { MqttMessage, SubscribeOptions } from 'rxmqtt';
import { Subscription } from 'rxjs';
import { injectMqtt } from './inject-mqtt.js';

/** `loading` until the first message, then `resolved`, online or offline; `error` when the subscription has failed. */
export type MqttResourceStatus = 'loading' | 'resolved' | 'error';

export interface MqttResourceOptions<T> extends SubscribeOptions {
  /** The broker's name. Default: the broker without a name. */
  readonly broker?: string;
  /** Maps a message to a value. Default: the message itself. A throw shows as the error and ends the subscription. */
  readonly map?: (message: MqttMessage) => T;
}

/** The newest message of a subscription, with its status, in the manner of Angular's `resource()`. */
export interface MqttResource<T> {
  /** The newest value; undefined before the first. It stays when an error follows. */
  readonly value: Signal<T | undefined>;
  readonly status: Signal<MqttResourceStatus>;
  readonly isLoading: Signal<boolean>;
  /** Why the subscription failed: the broker refused it, the client failed for good, or `map` threw. */
  readonly error: Signal<Error | undefined>;
  /** Subscribes again, for example after an error. The value stays until the next one. */
  reload(): void;
}

interface Snapshot<T> {
  readonly status: MqttResourceStatus;
  readonly value: T | undefined;
  readonly error: Error | undefined;
}

/**
 * Subscribes to topic filters for the lifetime of the injection context, and shows loading, value and error.
 *
 * @example
 * ```ts
 * readonly level = mqttResource('tank/1/level', { map: (message) => message.json<number>() });
 * // @if (level.isLoading()) { ... } @else if (level.error(); as error) { ... } @else { {{ level.value() }} }
 * ```
 */
export function mqttResource<T>(
  filter: string | readonly string[],
  options: MqttResourceOptions<T> & { readonly map: (message: MqttMessage) => T },
): MqttResource<T>;
export function mqttResource(
  filter: string | readonly string[],
  options?: Omit<MqttResourceOptions<MqttMessage>, 'map'>,
): MqttResource<MqttMessage>;
export function mqttResource<T>(
  filter: string | readonly string[],
  options: MqttResourceOptions<T | MqttMessage> = {},
): MqttResource<T | MqttMessage> {
  const { broker, map = (message: MqttMessage): T | MqttMessage => message, ...subscribe } = options;
  const client = injectMqtt(broker);
  const snapshot = signal<Snapshot<T | MqttMessage>>({ status: 'loading', value: undefined, error: undefined });
  let subscription = new Subscription();

  const fail = (reason: unknown): void => {
    subscription.unsubscribe();
    const error = reason instanceof Error ? reason : new Error(String(reason));
    snapshot.update(({ value }) => ({ status: 'error', value, error }));
  };
  const reload = (): void => {
    subscription.unsubscribe();
    // Assign before anything arrives, so that an immediate failure can end it.
    subscription = new Subscription();
    snapshot.update(({ value }) => ({ status: 'loading', value, error: undefined }));
    subscription.add(
      client.subscribe(filter, subscribe).subscribe({
        next(message) {
          try {
            snapshot.set({ status: 'resolved', value: map(message), error: undefined });
          } catch (error) {
            fail(error);
          }
        },
        error: fail,
      }),
    );
  };
  reload();
  inject(DestroyRef).onDestroy(() => subscription.unsubscribe());
  return {
    value: computed(() => snapshot().value),
    status: computed(() => snapshot().status),
    isLoading: computed(() => snapshot().status === 'loading'),
    error: computed(() => snapshot().error),
    reload,
  };
}
