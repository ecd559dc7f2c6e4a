/** Angular 20 and later: what mqttResource gives is a Resource of Angular, without a word about it in its types. */
import { computed, type Resource, type Signal } from '@angular/core';
import type { MqttMessage } from 'rxmqtt';
import { mqttResource, type MqttResource } from 'rxmqtt/angular';

export const optional: Resource<number | undefined> = mqttResource('a', { map: (message) => message.json<number>() });
export const filled: Resource<number> = mqttResource('a', {
  initialValue: 0,
  map: (message) => message.json<number>(),
});
export const message: Resource<MqttMessage | undefined> = mqttResource(() => undefined);

/** Whatever the type of its value. */
export function asResource<T>(resource: MqttResource<T>): Resource<T> {
  return resource;
}

/** As a component takes it that knows Angular's interface alone. */
export function textOf(resource: Resource<number | undefined>): Signal<string> {
  return computed(() => {
    if (resource.hasValue()) return resource.value().toFixed(1);
    return resource.error()?.message ?? resource.status();
  });
}
export const text = textOf(mqttResource('a', { map: (message) => message.json<number>() }));

/** `hasValue` narrows here, too. */
export function valueOf(resource: MqttResource<number | undefined>): number {
  return resource.hasValue() ? resource.value() : 0;
}

// @ts-expect-error: nothing but the initial value makes it one without undefined
export const wrong: Resource<number> = mqttResource('a', { map: (message) => message.json<number>() });
