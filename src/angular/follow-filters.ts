import { computed, DestroyRef, effect, inject, signal, type Signal, untracked } from '@angular/core';
import { ErrorCode, MqttError, type MqttMessage, type SubscribeOptions } from 'rxmqtt';
import { catchError, defer, Subscription } from 'rxjs';
import { injectMqtt } from './inject-mqtt.js';
import { type MqttFilterSource, type WantedFilters, wantedFilters } from './mqtt-filters.js';

/** What is known of a subscription. */
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
  /** Whether a message that `map` throws for ends the subscription, or shows as the error until the next message. */
  readonly endOnThrow: boolean;
}

/** The same, and the filters that it is of. */
type Snapshot<T> = Followed<T> & { readonly wanted: WantedFilters | undefined };

/**
 * Subscribes to filters for the lifetime of the injection context. When signals that they depend on change, an effect
 * leaves the old filters and takes the new ones in one tick.
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
          // A filter of both has other options now, and a broker keeps one set of them.
          if (former.closed || error.code !== ErrorCode.SUBSCRIBE_CONFLICT) throw error;
          former.unsubscribe();
          return again$;
        }),
      );
      subscription.add(messages$.subscribe({ next: take, error: fail }));
    }
    // Only now: a filter that is left and taken again in one tick brings no retained message.
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

/** What is no error of the library becomes the cause of one. */
function asMqttError(cause: unknown, topic?: string): MqttError {
  if (cause instanceof MqttError) return cause;
  if (topic !== undefined) {
    const problem = `map threw for a message of ${JSON.stringify(topic)}; see the cause`;
    return new MqttError(problem, { code: ErrorCode.INVALID_PAYLOAD, cause });
  }
  const problem = cause instanceof Error ? cause.message : String(cause);
  return new MqttError(problem, { code: ErrorCode.INVALID_OPTION, cause });
}
