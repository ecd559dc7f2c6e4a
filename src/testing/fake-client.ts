import { CLIENT_HOOKS } from '../client/client-hooks.js';
import { connectedStates } from '../client/connected-states.js';
import { BehaviorSubject, defer, EMPTY, filter, map, NEVER, Observable, of, Subject, take, throwError } from 'rxjs';
import type { FilterRecord, Payload, PublishOptions, SubscribeOptions } from '../client/client-options.js';
import type { ClientStats } from '../client/client-stats.js';
import type { MqttClient } from '../client/mqtt-client.js';
import type { MqttMessage } from '../client/mqtt-message.js';
import { toOutgoing } from '../client/publish-request.js';
import { toSubscriptionRequests } from '../client/subscribe-request.js';
import { negotiate } from '../connection/negotiated.js';
import type { ConnectionState } from '../connection/connection-state.js';
import { ClosedError, type MqttError } from '../errors.js';
import { ReasonCode } from '../packet/reason-codes.js';
import type { PublishReceipt } from '../session/outgoing-publish.js';
import { refusedByBroker } from '../session/send-errors.js';
import { refused } from '../subscription/subscribe-errors.js';
import type { SubscriptionInfo } from '../subscription/subscription-info.js';
import { matches } from '../topic/matches.js';
import { message, type MessageOptions } from './message.js';

/** A client without a connection. It records its calls, and receives the messages that the test emits. */
export interface FakeClient extends MqttClient {
  /** Delivers a message to the subscribers of its topic; a retained one also to later subscribers. */
  emit(topic: string, payload?: unknown, options?: MessageOptions): void;
  /** Changes the state. */
  become(state: ConnectionState): void;
  /** The published messages, oldest first. */
  readonly published: readonly MqttMessage[];
  /** The filters with an observer, each once. */
  readonly subscribed: readonly string[];
}

/** Requests that a fake client refuses. */
export interface FakeClientOptions {
  /** Filters that the broker refuses, with the reason code 0x87 (not authorized). */
  readonly refuse?: {
    /** Topics that match error with `PublishError` at QoS 1 and 2. At QoS 0 a broker does not answer. */
    readonly publish?: string | readonly string[];
    /** Subscribing to one of these errors with `SubscribeError`. */
    readonly subscribe?: string | readonly string[];
  };
}

const ACTIVE: SubscriptionInfo = { status: 'active' };

const activeOf = (filters: readonly string[]): ReadonlyMap<string, SubscriptionInfo> =>
  new Map(filters.map((filter) => [filter, ACTIVE]));

const CONNECTED: ConnectionState = {
  status: 'connected',
  url: 'mqtt://fake',
  sessionPresent: false,
  negotiated: negotiate(
    { cmd: 'connect', protocolVersion: 5, clientId: 'fake', clean: true, keepalive: 60 },
    { cmd: 'connack', sessionPresent: false, reasonCode: 0 },
  ),
};

/** The statistics of a client without a wire. */
const STATS: ClientStats = {
  outbox: { messages: 0, bytes: 0 },
  inFlight: { messages: 0, bytes: 0 },
  window: { used: 0, size: 65535 },
  held: 0,
  bytes: { in: 0, out: 0 },
  packets: { in: 0, out: 0 },
  dropped: { queueFull: 0, expired: 0, unrouted: 0, poisoned: 0 },
  strayAcknowledgements: 0,
  reconnects: 0,
  ackLatency: undefined,
};

/** Publishes settle at once, so the observer is unused. */
const UNOBSERVED = { next: (): void => undefined, error: (): void => undefined, complete: (): void => undefined };

/**
 * A client for component tests: no time, no wire, no broker. It is connected, acknowledges every publish at once, and
 * grants every filter, except those to refuse. Invalid topics, filters and options error as with any client.
 *
 * @example
 * ```ts
 * const client = fakeClient();
 * const panel = new Panel(client);
 * client.emit('hall/7', { celsius: 21 });
 * expect(client.published).toHaveLength(1);
 * ```
 */
export function fakeClient({ refuse = {} }: FakeClientOptions = {}): FakeClient {
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

  const subscribe = (given: string | readonly string[] | FilterRecord, options?: SubscribeOptions) =>
    new Observable<MqttMessage>((subscriber) => {
      const wanted = toSubscriptionRequests(given, options).flatMap(({ filters }) => filters);
      const denied = wanted.find((filter) => filtersOf(refuse.subscribe).includes(filter));
      if (denied !== undefined) return subscriber.error(refused(denied, ReasonCode.NOT_AUTHORIZED));
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

  const publish = (topic: string, payload: Payload, options: PublishOptions = {}): Observable<PublishReceipt> =>
    defer(() => {
      const outgoing = toOutgoing(topic, payload, options, UNOBSERVED);
      return check(() => {
        const { qos, retain, properties } = outgoing;
        published.push(message(topic, outgoing.payload, { qos, retain, ...(properties && { properties }) }));
        const isRefused = qos > 0 && filtersOf(refuse.publish).some((filter) => matches(filter, topic));
        if (isRefused) return throwError(() => refusedByBroker(outgoing, ReasonCode.NOT_AUTHORIZED));
        return of({ packetId: qos === 0 ? 0 : published.length, qos, reasonCode: 0 });
      });
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
    stats: () => STATS,
    end,
    [Symbol.asyncDispose]: end,
    published,
    get subscribed() {
      return [...new Set(filters.value)];
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
      publishAtMost: (_tries: number, topic: string, payload: Payload, options?: PublishOptions) =>
        publish(topic, payload, options),
      fault: (error: MqttError) => faults.next(error),
      adapt: <T>(source$: Observable<T>) => source$,
    },
  };
  Object.assign(fake[CLIENT_HOOKS], { client: fake });
  return fake as unknown as FakeClient;
}

function filtersOf(filter: string | readonly string[] | object = []): readonly string[] {
  if (typeof filter === 'string') return [filter];
  return Array.isArray(filter) ? (filter as readonly string[]) : Object.keys(filter);
}

function without(all: readonly string[], gone: readonly string[]): readonly string[] {
  const left = [...all];
  for (const filter of gone) left.splice(left.indexOf(filter), 1);
  return left;
}
