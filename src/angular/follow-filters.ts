import { computed, DestroyRef, effect, inject, signal, type Signal, untracked } from '@angular/core';
import { ErrorCode, MqttError, type MqttMessage, type SubscribeOptions } from 'rxmqtt';
import { catchError, defer, Subscription } from 'rxjs';
import { injectMqtt } from './inject-mqtt.js';
import { type MqttFilterSource, type WantedFilters, wantedFilters } from './mqtt-filters.js';

/** The state of a subscription: its status, its newest value, its error. */
export type Followed<T> = {
  /** The newest value of the current filters, or the initial one. It stays when an error follows. */
  readonly value: T;
} & (
  | { readonly status: 'idle' | 'loading' | 'resolved'; readonly error: undefined }
  | { readonly status: 'error'; readonly error: MqttError }
);

export interface FollowOptions<T> extends SubscribeOptions {
  readonly broker?: string;
  readonly initialValue: T;
  readonly map: (message: MqttMessage) => T;
  /** Whether a throw of `map` ends the subscription. Otherwise it shows as the error until the next message. */
  readonly endOnThrow: boolean;
}

/** The state, and the filters that it belongs to. */
type Snapshot<T> = Followed<T> & { readonly wanted: WantedFilters | undefined };

/**
 * Subscribes to filters for the lifetime of the injection context. When signals that they depend on change, an effect
 * unsubscribes from the old filters and subscribes to the new ones in one tick.
 */
export function followFilters<T>(
  source: MqttFilterSource,
  { broker, initialValue, map, endOnThrow, ...options }: FollowOptions<T>,
): { readonly followed: Signal<Followed<T>>; readonly reload: () => boolean } {
  const client = injectMqtt(broker);
  const wanted = wantedFilters(source);
  const start = (now: WantedFilters): Snapshot<T> => {
    const { filters, error } = now;
    const first = { wanted: now, value: initialValue };
    if (error !== undefined) return { ...first, status: 'error', error };
    return { ...first, status: filters === undefined ? 'idle' : 'loading', error };
  };
  const snapshot = signal<Snapshot<T>>({ wanted: undefined, status: 'idle', value: initialValue, error: undefined });
  let subscription = new Subscription();

  const showError = (error: MqttError): void => snapshot.update((last) => ({ ...last, status: 'error', error }));
  const fail = (reason: unknown): void => {
    subscription.unsubscribe();
    showError(asMqttError(reason));
  };
  const take = (message: MqttMessage): void => {
    let value: T;
    try {
      value = map(message);
    } catch (reason) {
      const error = asMqttError(reason, message.topic);
      return endOnThrow ? fail(error) : showError(error);
    }
    snapshot.update((last) => ({ ...last, status: 'resolved', value, error: undefined }));
  };
  const subscribe = (first: Snapshot<T>): void => {
    const filters = first.wanted?.filters;
    const former = subscription;
    // Assigned before anything arrives, so that an immediate failure can end it.
    subscription = new Subscription();
    snapshot.set(first);
    if (filters !== undefined) {
      const messages$ = defer(() => client.subscribe(filters, options)).pipe(
        catchError((error: MqttError, again$) => {
          // A filter in both sets has new options now, and a broker keeps one set of options for each filter.
          if (former.closed || error.code !== ErrorCode.SUBSCRIBE_CONFLICT) throw error;
          former.unsubscribe();
          return again$;
        }),
      );
      subscription.add(messages$.subscribe({ next: take, error: fail }));
    }
    // Last: a filter that is dropped and taken again in one tick would bring no retained message.
    former.unsubscribe();
  };
  const follow = (): void => {
    const now = wanted();
    // Handlers of messages must not become dependencies of the effect.
    untracked(() => {
      if (snapshot().wanted !== now) subscribe(start(now));
    });
  };

  if (typeof source === 'function') effect(follow);
  else follow();
  inject(DestroyRef).onDestroy(() => subscription.unsubscribe());
  return {
    // Before the effect runs, the signals may have changed already: from then on nothing of the old filters shows.
    followed: computed(() => {
      const now = wanted();
      const last = snapshot();
      return last.wanted === now ? last : start(now);
    }),
    reload: () =>
      untracked(() => {
        const now = wanted();
        const last = snapshot();
        subscribe(last.wanted === now ? { ...start(now), value: last.value } : start(now));
        return now.filters !== undefined;
      }),
  };
}

/** Wraps an error that does not come from the library. */
function asMqttError(cause: unknown, topic?: string): MqttError {
  if (cause instanceof MqttError) return cause;
  if (topic !== undefined) {
    const problem = `map threw for a message of ${JSON.stringify(topic)}; see the cause`;
    return new MqttError(problem, { code: ErrorCode.INVALID_PAYLOAD, cause });
  }
  const problem = cause instanceof Error ? cause.message : String(cause);
  return new MqttError(problem, { code: ErrorCode.INVALID_OPTION, cause });
}
