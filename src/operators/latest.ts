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
import type { SubscribeOptions } from '../client/client-options.js';
import type { MqttClient } from '../client/mqtt-client.js';
import type { MqttMessage } from '../client/mqtt-message.js';
import { latestByTopic, type LatestByTopicOptions } from './latest-by-topic.js';

export interface LatestOptions<T> extends LatestByTopicOptions<T>, Omit<SubscribeOptions, 'ack'> {}

/** What is known of some topics. */
export interface Latest<T> {
  /** The newest value of each topic. */
  readonly value: ReadonlyMap<string, T>;
  /** Whether the retained messages have come that the broker had at the beginning. */
  readonly complete: boolean;
}

/**
 * The newest value of each topic of a filter, and whether the first picture is complete: an empty map at once, then one as
 * `latestByTopic` makes them whenever something has changed.
 *
 * MQTT does not tell when the last retained message has come. `complete` becomes true one round trip of PINGREQ after the
 * broker granted the filter, and a map that holds all that came until then comes with it. That is the best there is, and
 * not certain: a broker may send retained messages later, as it has to where there are more at QoS 1 and 2 than the
 * client's `receiveMaximum`. It stays true then, over reconnects, too. A topic that was cleared while there was no
 * connection is not known to be; `expire` removes it.
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
  const { key, map: toValue, expire, max, every, ...subscribeOptions } = options;
  const kept = { key, map: toValue, expire, max, every } as LatestByTopicOptions<unknown>;
  const filters = typeof filter === 'string' ? [filter] : filter;
  const value$ = client
    .subscribe(filter, subscribeOptions)
    .pipe(latestByTopic(kept), startWith<ReadonlyMap<string, unknown>>(new Map()));
  const complete$ = client.subscriptions$.pipe(
    // A tick later, SUBSCRIBE has left, also where another observer has the filter already.
    subscribeOn(asapScheduler),
    map((known) => filters.every((one) => known.get(one)?.status === 'active')),
    distinctUntilChanged(),
    // Where the connection is lost meanwhile, the filter becomes active once more.
    switchMap((isActive) => (isActive ? client.ping().pipe(catchError(() => NEVER)) : NEVER)),
    take(1),
    // What came before PINGRESP is in the map that is due in that time.
    delay(every ?? 0, every === undefined || every === 0 ? asapScheduler : asyncScheduler),
    map(() => true),
    startWith(false),
  );
  return combineLatest([value$, complete$]).pipe(map(([value, complete]) => ({ value, complete })));
}
