import { type MaybeRefOrGetter, onScopeDispose, type ShallowRef, shallowRef, toValue, watch } from 'vue';
import type { ConnectionState, MqttClient, MqttMessage } from 'rxmqtt';

/** What `read` makes of the newest message of a filter; undefined until there is one. The filter may be a ref or a getter. */
export function useMessages<T>(
  client: MqttClient,
  filter: MaybeRefOrGetter<string>,
  read: (message: MqttMessage) => T,
): { readonly value: ShallowRef<T | undefined>; readonly error: ShallowRef<unknown> } {
  const value = shallowRef<T>();
  const error = shallowRef<unknown>();
  const follow = (now: string, _before: unknown, onCleanup: (end: () => void) => void): void => {
    value.value = error.value = undefined;
    const messages = client.subscribe(now).subscribe({
      next: (message) => (value.value = read(message)),
      error: (reason: unknown) => (error.value = reason),
    });
    onCleanup(() => messages.unsubscribe());
  };
  watch(() => toValue(filter), follow, { immediate: true });
  return { value, error };
}

/** The state of the connection. */
export function useConnectionState(client: MqttClient): ShallowRef<ConnectionState> {
  const state = shallowRef(client.state);
  const states = client.state$.subscribe((now) => (state.value = now));
  onScopeDispose(() => states.unsubscribe());
  return state;
}
