import { asapScheduler, defer, Observable, switchMap, throwError } from 'rxjs';
import type { PacketEvent } from '../connection/packet-tap.js';
import type { ConnectionState } from '../connection/state.js';
import type { WakeUp } from '../connection/wake-ups.js';
import { ClosedError, ConnectError, ErrorCode, MqttError } from '../errors.js';
import type { PublishPacket } from '../packet/publish-packet.js';
import type { PublishReceipt } from '../session/outgoing.js';
import type { SubscriptionInfo } from '../subscription/subscription-info.js';
import type { Publishing } from './begin-publish.js';
import { checkEndOptions } from './check-end-options.js';
import type { EndOptions, Payload, PublishOptions, SubscribeOptions, UnsubscribeOptions } from './client-options.js';
import { ClientSession } from './client-session.js';
import type { ClientSettings } from './client-settings.js';
import { clientStats, clientStats$, type ClientStats } from './client-stats.js';
import { ConnectionLife } from './connection-life.js';
import { Demand } from './demand.js';
import { conversation, extras } from './parts.js';
import { toProperties } from './properties-input.js';
import { Publication } from './publication.js';
import type { RequestOptions, Requests } from './request.js';
import type { RequestHandler, RespondOptions } from './respond.js';
import { toFilters } from './subscribe-request.js';
import { messagesOf } from './subscribing.js';
import { work } from './work.js';

/**
 * A message as subscribers receive it. `payload` is a view of the chunk that it arrived in: copy it with `slice()` when
 * you keep a small payload for long.
 */
export type MqttMessage = PublishPacket;

/**
 * An MQTT client. Everything that it hands out is a cold Observable: nothing is sent before it is subscribed to.
 * Made by `connect`.
 */
export class MqttClient {
  private readonly session: ClientSession;
  private readonly life: ConnectionLife;
  private readonly demand: Demand;
  private readonly publishing: Publishing;
  private requests: Requests | undefined;
  private ended: MqttError | undefined;
  private ending: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined;

  /** @internal Use `connect`. */
  constructor(
    private readonly settings: ClientSettings,
    wakeUps$: Observable<WakeUp>,
  ) {
    const { lazy = false, linger = 1000 } = settings.options;
    const session = new ClientSession(settings, wakeUps$, (error) => this.life.fail(error));
    this.session = session;
    this.life = new ConnectionLife({
      settings,
      wakeUps$,
      tap: session.tap,
      work: (link) => work(link, session),
      idle$: session.idle$,
      ready$: session.ready$,
      background$: session.overdue$,
      onLostHandshake: () => session.sender.mistrustLine(),
      onRest: () => this.demand.again(),
      onEnd: (reason) => this.close(reason),
    });
    this.demand = new Demand(
      lazy ? linger : undefined,
      () => this.life.start(),
      () => this.life.rest(),
    );
    const { registry, sender } = session;
    this.publishing = { registry, sender, demand: this.demand, check: () => this.check() };
    if (!lazy) asapScheduler.schedule(() => this.life.start());
  }

  /**
   * Where the client stands: the current state at once, then each transition, in order, to every observer. Completes
   * after `ended`, never errors.
   */
  get state$(): Observable<ConnectionState> {
    return this.life.state.value$;
  }

  /** Where the client stands now. */
  get state(): ConnectionState {
    return this.life.state.value;
  }

  /** Every message that comes in, whoever subscribed to it, before it is routed. Completes when the client ends. */
  get messages$(): Observable<MqttMessage> {
    return this.session.messages.asObservable();
  }

  /** The messages that nobody here subscribed to, as a resumed session may bring them. */
  get unrouted$(): Observable<MqttMessage> {
    return this.session.unrouted.asObservable();
  }

  /** What went wrong without an Observable of its own to tell: a damaged record of the store. */
  get faults$(): Observable<MqttError> {
    return this.session.faults.asObservable();
  }

  /** Every packet, both ways. CONNECT carries the password. */
  get packets$(): Observable<PacketEvent> {
    return this.session.tap.packets$;
  }

  /** Where each subscription stands: the current picture at once, then after each change. */
  get subscriptions$(): Observable<ReadonlyMap<string, SubscriptionInfo>> {
    return this.session.registry.subscriptions$;
  }

  /**
   * The messages of one or more topic filters. Subscribing sends SUBSCRIBE, together with everything else that is asked
   * for in the same tick; the last unsubscribe of a filter sends UNSUBSCRIBE. It survives reconnects.
   *
   * Every observer gets the retained messages, also a later one of the same filter, and each message once where filters
   * overlap (on 3.1.1: as often as the broker sends it).
   *
   * Completes on `end()`, and when the filter was given to {@link unsubscribe} and the broker has answered. Errors with `SubscribeError` when a filter
   * is invalid or the broker refuses it, and with `ClosedError` when the client failed for good.
   *
   * @example
   * ```ts
   * client.subscribe('hall/+/temperature', { qos: 1 }).pipe(json<number>()).subscribe(console.log);
   * ```
   */
  subscribe(filter: string | readonly string[], options?: SubscribeOptions): Observable<MqttMessage> {
    return messagesOf(this.publishing, filter, options);
  }

  /**
   * Makes the broker forget topic filters, also those that only its session remembers. Local observers of them get
   * what arrives until the broker has answered, and complete then. Emits the codes of UNSUBACK, one a filter (on 3.1.1, which has none, zeros), then completes.
   */
  unsubscribe(filter: string | readonly string[], options: UnsubscribeOptions = {}): Observable<readonly number[]> {
    return new Observable<readonly number[]>((subscriber) => {
      try {
        this.check();
        const { properties } = options;
        const given = properties === undefined ? undefined : toProperties(properties, 'unsubscribe');
        subscriber.add(this.session.registry.unsubscribe(toFilters(filter), given).subscribe(subscriber));
        subscriber.add(this.demand.add());
      } catch (error) {
        subscriber.error(error);
      }
    });
  }

  /**
   * Publishes a message each time it is subscribed to. Emits one receipt and completes: at QoS 0 when the message is
   * written, at QoS 1 with PUBACK, at QoS 2 with PUBCOMP. Without a connection it waits in the outbox.
   *
   * Unsubscribing takes a message that was not sent out of the outbox; one that was sent finishes its handshake.
   *
   * Errors with `PublishError` (invalid, refused), `QueueFullError`, `SessionLostError` or `ClosedError`: this publish
   * alone, never the connection.
   *
   * @example
   * ```ts
   * client.publish('hall/7/set', '21.5', { qos: 1 }).subscribe(({ packetId }) => console.log('stored', packetId));
   * ```
   */
  publish(topic: string, payload: Payload, options?: PublishOptions): Observable<PublishReceipt> {
    return new Publication(this.publishing, topic, payload, options);
  }

  /**
   * Publishes a request each time it is subscribed to, and emits the replies that belong to it: one, or `replies`. All
   * requests of a client share one subscription. It waits for a connection and goes on across reconnects. MQTT 5 only.
   *
   * Errors with `TimeoutError` when the replies do not come in time, with `PublishError` when the broker knows of no
   * subscriber (reason code 0x10) or does not take the request, and with `ClosedError` when the client ends.
   *
   * @example
   * ```ts
   * client.request('calc/add', '[1, 2]', { timeout: 2000 }).pipe(json<number>()).subscribe(console.log);
   * ```
   */
  request(topic: string, payload: Payload, options?: RequestOptions): Observable<MqttMessage> {
    return new Observable<MqttMessage>((subscriber) => {
      this.check();
      subscriber.add(this.demand.add());
      const replies$ = conversation.part$.pipe(
        switchMap(({ Requests }) => (this.requests ??= new Requests(this)).send(topic, payload, options)),
      );
      subscriber.add(replies$.subscribe(subscriber));
    });
  }

  /**
   * Answers the requests that come in on a filter, also a shared one (`$share/group/filter`), for as long as it is
   * subscribed to: what the handler gives is published to the request's response topic, with its correlation data.
   * Emits each request once it is answered, and acknowledges it then. A message without response topic is handed on
   * without being handled.
   *
   * Completes and errors as {@link subscribe} does, and with what the handler errors with unless `onError` is given.
   *
   * @example
   * ```ts
   * client.respond('calc/add', (request) => String(sum(request.json<number[]>()))).subscribe();
   * ```
   */
  respond(filter: string, handler: RequestHandler, options?: RespondOptions): Observable<MqttMessage> {
    return conversation.part$.pipe(switchMap(({ respond }) => respond(this, filter, handler, options)));
  }

  /** Counts and sizes at this moment. */
  stats(): ClientStats {
    return clientStats(this.session, this.life);
  }

  /** The same once a second, beginning at once, until the client ends. Not observed, it costs nothing. */
  get stats$(): Observable<ClientStats> {
    return clientStats$(this.session, this.life);
  }

  /** Sends PINGREQ and emits the round trip in ms. Errors with `ConnectError` when there is no connection. */
  ping(): Observable<number> {
    return extras.part$.pipe(switchMap(({ ping }) => ping(this.session, this.life)));
  }

  /**
   * Authenticates anew on the connection that there is, with the mechanism of the option `auth`, while everything else
   * goes on. Emits once when the broker is content, then completes.
   *
   * Errors with `ConnectError` when there is no connection, or when it is lost meanwhile. When the exchange fails, also
   * by taking too long, it errors with what went wrong, and the connection is closed.
   */
  reauthenticate(): Observable<void> {
    return defer(() => this.session.reauthentication?.start() ?? throwError(() => this.cannotAuthenticate()));
  }

  /** Ends the waiting for the next attempt: it is made now. Without effect unless the state is `reconnecting`. */
  reconnectNow(): void {
    this.life.retry();
  }

  /**
   * Ends the client, in whatever state it is: waits until what was published is acknowledged (`timeout`, 5000 ms),
   * sends DISCONNECT and closes the socket. Subscriptions complete; what could not be settled errors with
   * `ClosedError`. Settles always, and never rejects.
   *
   * @throws TypeError for a reason code or a session expiry that DISCONNECT may not carry.
   */
  end(options: EndOptions = {}): Promise<void> {
    checkEndOptions(options, this.settings.options);
    if (this.ending === undefined) {
      let resolve = (): void => undefined;
      const promise = new Promise<void>((settle) => (resolve = settle));
      this.ending = { promise, resolve };
    }
    if (this.ended !== undefined) this.ending.resolve();
    else this.life.end(options);
    return this.ending.promise;
  }

  /** The same as `end()`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.end();
  }

  private cannotAuthenticate(): MqttError {
    const failed = 'reauthenticate failed:';
    if (this.life.link === undefined) {
      return new ConnectError(`${failed} there is no connection; wait for state "connected"`);
    }
    const why =
      this.settings.options.auth === undefined
        ? 'the client has no option auth'
        : // [MQTT-4.12.0-7]
          'this connection was made without authentication method';
    return new MqttError(`${failed} ${why}`, { code: ErrorCode.NOT_SUPPORTED });
  }

  /** @throws ClosedError, because nothing can be asked of a client that has ended or is about to. */
  private check(): void {
    if (this.ended !== undefined) throw this.ended;
    if (this.ending !== undefined) throw new ClosedError('the client is being ended; make a new one with connect()');
  }

  private close(reason: MqttError | undefined): void {
    this.ended =
      reason === undefined
        ? new ClosedError('the client has ended; make a new one with connect()')
        : new ClosedError(`the client has ended for good: ${reason.message}`, {
            cause: reason,
            reasonCode: reason.reasonCode,
          });
    this.demand.close();
    this.session.close(this.ended, reason === undefined);
    this.ending?.resolve();
  }
}
