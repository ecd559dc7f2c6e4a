import {
  asapScheduler,
  asyncScheduler,
  catchError,
  combineLatest,
  delay,
  distinctUntilChanged,
  map,
  NEVER,
  type Observable,
  startWith,
  subscribeOn,
  switchMap,
  take,
} from 'rxjs';
import { checkClient } from '../options/check-client.js';
import type { SubscribeOptions } from '../client/client-options.js';
import type { MqttClient } from '../client/mqtt-client.js';
import type { MqttMessage } from '../client/mqtt-message.js';
import { latestByTopic, type LatestByTopicOptions } from './latest-by-topic.js';

/** Options of {@link latest}: those of `latestByTopic` and of `subscribe`. */
export interface LatestOptions<T> extends LatestByTopicOptions<T>, Omit<SubscribeOptions, 'ack'> {}

/** The newest values of the topics of a filter. */
export interface Latest<T> {
  /** The newest value of each topic. */
  readonly value: ReadonlyMap<string, T>;
  /** True once the retained messages that the broker held at the start have arrived. */
  readonly complete: boolean;
}

/**
 * Emits the newest value of each topic of a filter, and whether the initial set is complete. It starts with an empty
 * map; after that it emits as `latestByTopic` does, whenever something has changed.
 *
 * MQTT does not signal the end of the retained messages. `complete` becomes true one PINGREQ round trip after the
 * broker granted the filter, together with everything that arrived until then. This is a best effort: a broker may send
 * retained messages later, and has to if more of them are QoS 1 or 2 than the client's `receiveMaximum` allows. Once
 * true, it stays true, also across reconnects. A topic that is cleared while the client is offline keeps its value
 * until `expire` removes it.
 *
 * Completes and errors as `subscribe` does. Unsubscribing unsubscribes and forgets everything.
 *
 * @throws MqttError `INVALID_OPTION` as `latestByTopic` does.
 *
 * ```ts
 * latest(client, 'fleet/+/position', { map: (message) => message.json<Position>(), every: 100 }).subscribe(
 *   ({ value, complete }) => draw(value, { isLoading: !complete }),
 * );
 * ```
 */
export function latest(
  client: Pick<MqttClient, 'subscribe' | 'subscriptions$' | 'ping'>,
  filter: string | readonly string[],
  options?: LatestOptions<MqttMessage> & { readonly map?: undefined },
): Observable<Latest<MqttMessage>>;
/** With `map`: its values in the place of messages. */
export function latest<T>(
  client: Pick<MqttClient, 'subscribe' | 'subscriptions$' | 'ping'>,
  filter: string | readonly string[],
  options: LatestOptions<T> & { readonly map: (message: MqttMessage, previous: T | undefined) => T },
): Observable<Latest<T>>;
export function latest(
  client: Pick<MqttClient, 'subscribe' | 'subscriptions$' | 'ping'>,
  filter: string | readonly string[],
  options: LatestOptions<unknown> = {},
): Observable<Latest<unknown>> {
  checkClient(client, 'subscribe', 'latest');
  const { key, map: toValue, expire, max, every, ...subscribeOptions } = options;
  const kept = { key, map: toValue, expire, max, every } as LatestByTopicOptions<unknown>;
  const filters = typeof filter === 'string' ? [filter] : filter;
  const value$ = client
    .subscribe(filter, subscribeOptions)
    .pipe(latestByTopic(kept), startWith<ReadonlyMap<string, unknown>>(new Map()));
  const complete$ = client.subscriptions$.pipe(
    // A tick later SUBSCRIBE has been sent, even if another observer already had the filter.
    subscribeOn(asapScheduler),
    map((known) => filters.every((one) => known.get(one)?.status === 'active')),
    distinctUntilChanged(),
    // If the connection is lost meanwhile, the filter becomes active again after the reconnect.
    switchMap((isActive) => (isActive ? client.ping().pipe(catchError(() => NEVER)) : NEVER)),
    take(1),
    // Messages that arrived before PINGRESP are in the next map.
    delay(every ?? 0, every === undefined || every === 0 ? asapScheduler : asyncScheduler),
    map(() => true),
    startWith(false),
  );
  return combineLatest([value$, complete$]).pipe(map(([value, complete]) => ({ value, complete })));
}
