import { BehaviorSubject, EMPTY, filter, map, NEVER, Observable, of, Subject, take, throwError } from 'rxjs';
import type { PublishOptions, SubscribeOptions } from '../client/client-options.js';
import { connectedStates } from '../client/connected-states.js';
import type { MqttClient } from '../client/mqtt-client.js';
import type { MqttMessage } from '../client/mqtt-message.js';
import type { ConnectionState } from '../connection/state.js';
import { ClosedError, type MqttError } from '../errors.js';
import type { PublishReceipt } from '../session/outgoing-publish.js';
import type { SubscriptionInfo } from '../subscription/subscription-info.js';
import { matches } from '../topic/matches.js';
import { message, type MessageOptions } from './message.js';

/** The key under which rxmqtt's functions find what a client has beyond its public face; see `client/client-hooks.ts`. */
const CLIENT_HOOKS: unique symbol = Symbol.for('rxmqtt.clientHooks');

/** A client without a connection: it records what it is asked to do, and receives what the test emits. */
export interface FakeClient extends MqttClient {
  /** Delivers a message to the subscribers of its topic; a retained one also to later subscribers. */
  emit(topic: string, payload?: unknown, options?: MessageOptions): void;
  /** Changes the state. */
  become(state: ConnectionState): void;
  /** What was published, oldest first. */
  readonly published: readonly MqttMessage[];
  /** The filters that have an observer now. */
  readonly subscribed: readonly string[];
}

const ACTIVE: SubscriptionInfo = { status: 'active' };

const activeOf = (filters: readonly string[]): ReadonlyMap<string, SubscriptionInfo> =>
  new Map(filters.map((filter) => [filter, ACTIVE]));

const CONNECTED = { status: 'connected', url: 'mqtt://fake', sessionPresent: false } as ConnectionState;

/**
 * A client for component tests: no time, no wire, no broker. It is connected, acknowledges every publish at once, and
 * grants every filter.
 *
 * @example
 * ```ts
 * const client = fakeClient();
 * const panel = new Panel(client);
 * client.emit('hall/7', { celsius: 21 });
 * expect(client.published).toHaveLength(1);
 * ```
 */
export function fakeClient(): FakeClient {
  const state = new BehaviorSubject<ConnectionState>(CONNECTED);
  const incoming = new Subject<MqttMessage>();
  const faults = new Subject<MqttError>();
  const filters = new BehaviorSubject<readonly string[]>([]);
  const retained = new Map<string, MqttMessage>();
  const published: MqttMessage[] = [];
  const ended = new Subject<void>();
  const end = (): Promise<void> => {
    if (state.value.status !== 'ended') state.next({ status: 'ended' });
    for (const subject of [state, incoming, faults, filters, ended]) subject.complete();
    return Promise.resolve();
  };
  const check = <T>(then: () => Observable<T>): Observable<T> =>
    state.value.status === 'ended' ? throwError(() => new ClosedError('the fake client has ended')) : then();

  const subscribe = (
    filter: string | readonly string[] | object,
    _options?: SubscribeOptions,
  ): Observable<MqttMessage> =>
    new Observable<MqttMessage>((subscriber) => {
      const wanted = filtersOf(filter);
      const wants = ({ topic }: MqttMessage): boolean => wanted.some((one) => matches(one, topic));
      subscriber.add(
        check(() => incoming).subscribe({
          next: (received) => wants(received) && subscriber.next(received),
          error: (error) => subscriber.error(error),
          complete: () => subscriber.complete(),
        }),
      );
      if (subscriber.closed) return;
      filters.next([...filters.value, ...wanted]);
      subscriber.add(() => filters.next(without(filters.value, wanted)));
      for (const kept of retained.values()) if (wants(kept)) subscriber.next(kept);
    });

  const publish = (topic: string, payload: unknown, options: PublishOptions = {}): Observable<PublishReceipt> =>
    new Observable<PublishReceipt>((subscriber) => {
      const { qos = 0, retain = false } = options;
      return check(() => {
        published.push(message(topic, payload, { qos, retain }));
        return of({ packetId: qos === 0 ? undefined : published.length, reasonCode: 0 } as unknown as PublishReceipt);
      }).subscribe(subscriber);
    });

  const fake = {
    state$: state.asObservable(),
    get state() {
      return state.value;
    },
    connected$: connectedStates(state, () => new ClosedError('the fake client has ended')),
    messages$: incoming.asObservable(),
    unrouted$: NEVER,
    faults$: faults.asObservable(),
    packets$: NEVER,
    stats$: NEVER,
    subscriptions$: filters.pipe(map(activeOf)),
    subscribe,
    publish,
    unsubscribe: (filter: string | readonly string[]) => of(filtersOf(filter).map(() => 0)),
    reauthenticate: () => EMPTY,
    reconnect: () =>
      check(() =>
        state.pipe(
          filter(({ status }) => status === 'connected'),
          take(1),
        ),
      ),
    resubscribe: () => of(activeOf(filters.value)),
    granted: (wanted: string | readonly string[] | object) =>
      of(typeof wanted === 'string' ? ACTIVE : activeOf(filtersOf(wanted))),
    ping: () => of(0),
    stats: () => ({}),
    end,
    [Symbol.asyncDispose]: end,
    published,
    get subscribed() {
      return filters.value;
    },
    emit(topic: string, payload?: unknown, options: MessageOptions = {}) {
      const received = message(topic, payload, options);
      if (options.retain === true) retained.set(topic, received);
      // Existing subscribers get it without the retain flag.
      incoming.next(message(topic, payload, { ...options, retain: false }));
    },
    become: (next: ConnectionState) => state.next(next),
    [CLIENT_HOOKS]: {
      needed$: NEVER,
      publishAtMost: (_tries: number, topic: string, payload: unknown, options?: PublishOptions) =>
        publish(topic, payload, options),
      fault: (error: MqttError) => faults.next(error),
      handOut: <T>(source$: Observable<T>) => source$,
    },
  };
  Object.assign(fake[CLIENT_HOOKS], { client: fake });
  return fake as unknown as FakeClient;
}

function filtersOf(filter: string | readonly string[] | object): readonly string[] {
  if (typeof filter === 'string') return [filter];
  return Array.isArray(filter) ? (filter as readonly string[]) : Object.keys(filter);
}

function without(all: readonly string[], gone: readonly string[]): readonly string[] {
  const left = [...all];
  for (const filter of gone) left.splice(left.indexOf(filter), 1);
  return left;
}
