import '../async-dispose.js';
import type { Observable } from 'rxjs';
import type { PacketEvent } from '../connection/packet-tap.js';
import type { ConnectionState } from '../connection/connection-state.js';
import type { MqttError } from '../errors.js';
import type { PublishReceipt } from '../session/outgoing-publish.js';
import type { SubscriptionInfo } from '../subscription/subscription-info.js';
import type {
  EndOptions,
  FilterRecord,
  Payload,
  PublishOptions,
  ReconnectOptions,
  SubscribeOptions,
  UnsubscribeOptions,
} from './client-options.js';
import type { ConnectedState } from './connected-states.js';
import type { ClientStats } from './client-stats.js';
import type { MqttMessage } from './mqtt-message.js';

/**
 * An MQTT client, made by `connect`. Its methods return cold Observables: nothing is sent before they are subscribed
 * to.
 */
export interface MqttClient {
  /**
   * The state of the connection: the current one at once, then each transition, in order, to every observer. Completes
   * after `ended`, never errors.
   */
  readonly state$: Observable<ConnectionState>;
  /**
   * The `connected` state now or next, and each later one: `await firstValueFrom(client.connected$)`. Cold. Completes
   * when the client ends; errors with the reason when it has failed for good, and with `ClosedError` when it ended
   * before this Observable emitted.
   */
  readonly connected$: Observable<ConnectedState>;
  /** The current state of the connection. */
  readonly state: ConnectionState;
  /** Every incoming message before it is routed to subscriptions. Completes when the client ends. */
  readonly messages$: Observable<MqttMessage>;
  /** Incoming messages without a subscriber here; a resumed session may bring some. Completes when the client ends. */
  readonly unrouted$: Observable<MqttMessage>;
  /**
   * Faults that belong to no other Observable: a damaged record of the store, a request that `respond` could not
   * answer, another client with the same client identifier, an option that the broker's protocol version lacks, a
   * receive window full of messages whose observers left without acknowledging them (`WINDOW_FULL`), and a message that
   * violates the protocol (RabbitMQ delivers a message for `a/*` under `a/+`). Such a message ends the connection. If
   * the broker repeats it until it has ended three connections within ten minutes, it is acknowledged unread and
   * reported here. Completes when the client ends.
   */
  readonly faults$: Observable<MqttError>;
  /** Every packet, in both directions. CONNECT carries the password. Completes when the client ends. */
  readonly packets$: Observable<PacketEvent>;
  /** The status of each subscription: the current picture at once, then after each change. */
  readonly subscriptions$: Observable<ReadonlyMap<string, SubscriptionInfo>>;

  /**
   * The messages of one or more topic filters, or of a record of filters with their options: `subscribe({ 'a/#': 1, b:
   * { qos: 2, noLocal: true } })`. Subscribing sends SUBSCRIBE, together with all other filters of the same tick; the
   * last unsubscribe of a filter sends UNSUBSCRIBE. It survives reconnects.
   *
   * Every observer gets the retained messages, even one that subscribes later to the same filter. Each observer gets a
   * message once where filters overlap (on 3.1.1: as often as the broker sends it).
   *
   * Completes on `end()`, and with the broker's answer to an {@link unsubscribe} of the filter. Errors with
   * `SubscribeError` when a filter is invalid or the broker refuses it, and with `ClosedError` when the client failed
   * for good.
   *
   * @example
   * ```ts
   * client.subscribe('hall/+/temperature', { qos: 1 }).pipe(json<number>()).subscribe(console.log);
   * ```
   */
  subscribe(filters: string | readonly string[] | FilterRecord, options?: SubscribeOptions): Observable<MqttMessage>;

  /**
   * The broker's grant for a filter, or for several: emits once the broker has answered, and completes. Cold, and sends
   * nothing; waits while there is no connection. Errors with `SubscribeError` when the broker refuses a filter, and, a
   * tick later, with the code `NOT_SUBSCRIBED` when one has no subscriber. Errors with `ClosedError` when the client
   * ends first.
   *
   * @example
   * ```ts
   * client.subscribe('hall/#', { qos: 1 }).subscribe(console.log);
   * client.granted('hall/#').subscribe(({ qos, reasonCode, packetId }) => console.log(qos, reasonCode, packetId));
   * ```
   */
  granted(filter: string): Observable<SubscriptionInfo>;
  /** Of several filters: what the broker answered for each, when it has answered for all. */
  granted(filters: readonly string[] | FilterRecord): Observable<ReadonlyMap<string, SubscriptionInfo>>;

  /**
   * Subscribes to every current filter again and emits the outcome of each; for clients with `resubscribe: false`.
   * Existing observers do not get retained messages again. Errors with `ClosedError` when the client ends first.
   */
  resubscribe(): Observable<ReadonlyMap<string, SubscriptionInfo>>;

  /**
   * Makes the broker forget topic filters, even those that only its session remembers. Local observers get messages
   * until the broker has answered, and then complete. Emits the codes of UNSUBACK, one per filter (zeros on 3.1.1,
   * which has none), then completes.
   */
  unsubscribe(filter: string | readonly string[], options?: UnsubscribeOptions): Observable<readonly number[]>;

  /**
   * Publishes a message each time it is subscribed to. Emits one receipt and completes: at QoS 0 when the message is
   * written, at QoS 1 with PUBACK, at QoS 2 with PUBCOMP. Without a connection it waits in the outbox.
   *
   * Unsubscribing removes an unsent message from the outbox; a sent one finishes its handshake.
   *
   * Errors with `PublishError` (invalid, refused), `QueueFullError`, `SessionLostError` or `ClosedError`: this publish
   * alone, never the connection.
   *
   * @example
   * ```ts
   * client.publish('hall/7/set', '21.5', { qos: 1 }).subscribe(({ packetId }) => console.log('stored', packetId));
   * ```
   */
  publish(topic: string, payload: Payload, options?: PublishOptions): Observable<PublishReceipt>;

  /** The current counters and sizes. */
  stats(): ClientStats;
  /** {@link stats}, at once and then every second, until the client ends. It costs nothing while it is not observed. */
  readonly stats$: Observable<ClientStats>;

  /** Sends PINGREQ and emits the round trip in ms. Errors with `ConnectError` when there is no connection. */
  ping(): Observable<number>;

  /**
   * Authenticates again on the current connection, with the mechanism of the option `auth`, while all other traffic
   * continues. Emits once when the broker accepts, then completes.
   *
   * Errors with `ConnectError` when there is no connection, or when it is lost meanwhile. When the exchange fails or
   * takes too long, it errors with the reason, and the connection is closed.
   */
  reauthenticate(): Observable<void>;

  /**
   * Leaves the current connection, or stops waiting for the next attempt, and dials at once: once the broker has closed
   * the connection that is left, so that its will stays unpublished, or after `socket.closeTimeout` (2 s) on a dead
   * line. Emits the next `connected` state and completes. A lazy client that is idle connects. Errors with
   * `ClosedError` when the client has ended, or ends first.
   *
   * @throws TypeError (through the Observable) for `clean: false` when the options cannot keep a session.
   */
  reconnect(options?: ReconnectOptions): Observable<ConnectedState>;

  /**
   * Ends the client, in any state: waits for outstanding acknowledgements (`timeout`, 5000 ms), sends DISCONNECT and
   * closes the socket. Subscriptions complete; publishes that could not be settled error with `ClosedError`. Always
   * resolves.
   *
   * @throws TypeError for a reason code or a session expiry that DISCONNECT may not carry.
   */
  end(options?: EndOptions): Promise<void>;
  /** The same as `end()`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}
