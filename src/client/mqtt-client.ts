import {
  asapScheduler,
  asyncScheduler,
  takeUntil,
  timer,
  concat,
  defer,
  EMPTY,
  filter,
  identity,
  ignoreElements,
  map,
  merge,
  Observable,
  of,
  Subject,
  take,
  takeWhile,
  tap,
  throwError,
} from 'rxjs';
import { control } from '../connection/control.js';
import { keepAlive } from '../connection/keep-alive.js';
import type { Link } from '../connection/link.js';
import { authenticate, Reauthentication } from '../connection/reauthentication.js';
import { PacketTap, type PacketEvent } from '../connection/packet-tap.js';
import { refuseProblemInformation } from '../connection/problem-information.js';
import type { ConnectionState } from '../connection/state.js';
import { ClosedError, ConnectError, type MqttError } from '../errors.js';
import type { WakeUp } from '../connection/wake-ups.js';
import type { PublishPacket } from '../packet/publish-packet.js';
import { AckLane } from '../session/ack-lane.js';
import { ackTimeout } from '../session/ack-timeout.js';
import { acknowledge } from '../session/acknowledge.js';
import { drain } from '../session/drain.js';
import type { DurableSession } from '../session/durable-session.js';
import { Outbox } from '../session/outbox.js';
import { Phase, type PublishReceipt } from '../session/outgoing.js';
import { refuseFalseText } from '../session/payload-format.js';
import { receive } from '../session/receive.js';
import { Sender } from '../session/sender.js';
import { answers } from '../subscription/answers.js';
import { lateObservers } from '../subscription/late-observers.js';
import { SubscriptionRegistry } from '../subscription/registry.js';
import { restore } from '../subscription/restore.js';
import { route } from '../subscription/route.js';
import { Router, type Hold } from '../subscription/router.js';
import type { SubscriptionInfo } from '../subscription/subscription-entry.js';
import { checkEndOptions } from './check-mqtt5-options.js';
import type { EndOptions, Payload, PublishOptions, SubscribeOptions, UnsubscribeOptions } from './client-options.js';
import type { ClientSettings } from './client-settings.js';
import { clientStats, type ClientStats } from './client-stats.js';
import { ConnectionLife } from './connection-life.js';
import { Demand } from './demand.js';
import { durable } from './durable.js';
import { toFlag, toProperties } from './properties-input.js';
import { toOutgoing } from './publish-request.js';
import { Requests, type RequestOptions } from './request.js';
import { respond, type RequestHandler, type RespondOptions } from './respond.js';
import { toFilters, toSubscriptionRequest } from './subscribe-request.js';

/** ms between two pictures of `stats$`. */
const STATS_PERIOD = 1000;

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
  private readonly tap = new PacketTap();
  private readonly sender: Sender;
  /** QoS 2 messages that came in and were not released yet. */
  private readonly openIds = new Set<number>();
  private readonly router = new Router();
  private readonly registry: SubscriptionRegistry;
  private readonly messages = new Subject<MqttMessage>();
  private readonly unrouted = new Subject<MqttMessage>();
  private unroutedCount = 0;
  /** Of the connection that works now, or worked last. */
  private acks: AckLane | undefined;
  private readonly pongs = new Subject<void>();
  private readonly faults = new Subject<MqttError>();
  /** Remembers the session beyond the process, where there is a store. */
  private readonly log: DurableSession | undefined;
  private readonly life: ConnectionLife;
  private readonly demand: Demand;
  private readonly requests = new Requests(this);
  private reauthentication: Reauthentication | undefined;
  private ended: MqttError | undefined;
  private ending: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined;

  /** @internal Use `connect`. */
  constructor(
    private readonly settings: ClientSettings,
    private readonly wakeUps$: Observable<WakeUp>,
  ) {
    const { options } = settings;
    this.sender = new Sender(new Outbox(settings.outbox), {
      onSessionLost: options.onSessionLost,
      retention: options.retention,
      downgradeQos: options.downgradeQos,
      qos0: options.offline?.qos0,
      paced: options.offline?.rate !== undefined,
      stamped: options.ackTimeout !== undefined,
    });
    this.registry = new SubscriptionRegistry(this.router, this.sender.ids, {
      batchSize: options.subscribeBatchSize ?? Infinity,
      resubscribe: options.resubscribe ?? true,
      rejectOffline: options.retention === 'qos1' || options.retention === 'nothing',
      freed$: this.sender.settled$,
    });
    const { store } = options;
    const kept =
      store &&
      durable({
        store,
        clientId: settings.clientId,
        sender: this.sender,
        openIds: this.openIds,
        onDamage: (error) => this.faults.next(error),
        onFailure: (error) => this.life.fail(error),
      });
    this.log = kept?.log;
    this.life = new ConnectionLife({
      settings,
      wakeUps$,
      tap: this.tap,
      work: (link) => this.work(link),
      idle$: defer(() =>
        this.sender.idle ? of(undefined) : this.sender.settled$.pipe(filter(() => this.sender.idle)),
      ),
      ready$: kept?.restored$ ?? EMPTY,
      background$:
        options.ackTimeout === undefined ? EMPTY : ackTimeout(options.ackTimeout, [this.sender, this.registry]),
      onRest: () => this.demand.again(),
      onEnd: (reason) => this.close(reason),
    });
    this.demand = new Demand(
      options.lazy === true ? (options.linger ?? 1000) : undefined,
      () => this.life.start(),
      () => this.life.rest(),
    );
    if (options.lazy !== true) asapScheduler.schedule(() => this.life.start());
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
    return this.messages.asObservable();
  }

  /** The messages that nobody here subscribed to, as a resumed session may bring them. */
  get unrouted$(): Observable<MqttMessage> {
    return this.unrouted.asObservable();
  }

  /** What went wrong without an Observable of its own to tell: a damaged record of the store. */
  get faults$(): Observable<MqttError> {
    return this.faults.asObservable();
  }

  /** Every packet, both ways. CONNECT carries the password. */
  get packets$(): Observable<PacketEvent> {
    return this.tap.packets$;
  }

  /** Where each subscription stands: the current picture at once, then after each change. */
  get subscriptions$(): Observable<ReadonlyMap<string, SubscriptionInfo>> {
    return this.registry.subscriptions$;
  }

  /**
   * The messages of one or more topic filters. Subscribing sends SUBSCRIBE, together with everything else that is asked
   * for in the same tick; the last unsubscribe of a filter sends UNSUBSCRIBE. It survives reconnects.
   *
   * Every observer gets the retained messages, also a later one of the same filter, and each message once where filters
   * overlap (on 3.1.1: as often as the broker sends it).
   *
   * Completes on `end()` and when the filter is given to {@link unsubscribe}. Errors with `SubscribeError` when a filter
   * is invalid or the broker refuses it, and with `ClosedError` when the client failed for good.
   *
   * @example
   * ```ts
   * client.subscribe('hall/+/temperature', { qos: 1 }).pipe(json<number>()).subscribe(console.log);
   * ```
   */
  subscribe(filter: string | readonly string[], options?: SubscribeOptions): Observable<MqttMessage> {
    return new Observable<MqttMessage>((subscriber) => {
      if (this.refuses(subscriber)) return;
      try {
        const request = toSubscriptionRequest(filter, options);
        subscriber.add(this.registry.attach({ subscriber, request }));
        subscriber.add(this.demand.add());
      } catch (error) {
        subscriber.error(error);
      }
    });
  }

  /**
   * Makes the broker forget topic filters, also those that only its session remembers. Local observers of them
   * complete. Emits the codes of UNSUBACK, one a filter (on 3.1.1, which has none, zeros), then completes.
   */
  unsubscribe(filter: string | readonly string[], options: UnsubscribeOptions = {}): Observable<readonly number[]> {
    return new Observable<readonly number[]>((subscriber) => {
      if (this.refuses(subscriber)) return;
      try {
        const { properties } = options;
        const given = properties === undefined ? undefined : toProperties(properties, 'unsubscribe');
        subscriber.add(this.registry.unsubscribe(toFilters(filter), given).subscribe(subscriber));
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
    return new Observable<PublishReceipt>((subscriber) => {
      if (this.refuses(subscriber)) return undefined;
      let message;
      try {
        message = toOutgoing(topic, payload, options, subscriber);
      } catch (error) {
        subscriber.error(error);
        return undefined;
      }
      if (this.demand.counts) subscriber.add(this.demand.add());
      this.sender.offer(message);
      // What went out runs to its end whoever listens: there is nothing to take back.
      if (message.phase > Phase.QUEUED) return undefined;
      return () => this.sender.cancel(message);
    });
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
      if (this.refuses(subscriber)) return;
      subscriber.add(this.demand.add());
      subscriber.add(this.requests.send(topic, payload, options).subscribe(subscriber));
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
    return defer(() => respond(this, filter, handler, options));
  }

  /** Counts and sizes at this moment. */
  stats(): ClientStats {
    return clientStats({
      sender: this.sender,
      traffic: this.tap.traffic,
      unrouted: this.unroutedCount,
      held: this.acks?.size ?? 0,
      reconnects: this.life.reconnects,
      receiveMaximum: this.life.link?.limits.receiveMaximum,
    });
  }

  /** The same once a second, beginning at once, until the client ends. Not observed, it costs nothing. */
  get stats$(): Observable<ClientStats> {
    return new Observable<ClientStats>((subscriber) => {
      const { latency } = this.sender;
      latency.watchers++;
      subscriber.add(() => latency.watchers--);
      const over$ = concat(this.state$.pipe(ignoreElements()), of(undefined));
      subscriber.add(
        timer(0, STATS_PERIOD)
          .pipe(
            takeUntil(over$),
            map(() => this.stats()),
          )
          .subscribe(subscriber),
      );
    });
  }

  /** Sends PINGREQ and emits the round trip in ms. Errors with `ConnectError` when there is no connection. */
  ping(): Observable<number> {
    return new Observable<number>((subscriber) => {
      const { link } = this.life;
      if (link === undefined) {
        subscriber.error(new ConnectError('ping failed: there is no connection; wait for state "connected"'));
        return;
      }
      const sent = asyncScheduler.now();
      const lost$ = this.state$.pipe(
        takeWhile(({ status }) => status === 'connected'),
        ignoreElements(),
      );
      subscriber.add(
        merge(
          this.pongs.pipe(map(() => asyncScheduler.now() - sent)),
          new Observable<never>((lost) =>
            lost$.subscribe({ complete: () => lost.error(new ConnectError('ping failed: the connection was lost')) }),
          ),
        )
          .pipe(take(1))
          .subscribe(subscriber),
      );
      link.send({ cmd: 'pingreq' });
    });
  }

  /**
   * Authenticates anew on the connection that there is, with the mechanism of the option `auth`, while everything else
   * goes on. Emits once when the broker is content, then completes.
   *
   * Errors with `ConnectError` when there is no connection, or when it is lost meanwhile. When the exchange fails, also
   * by taking too long, it errors with what went wrong, and the connection is closed.
   */
  reauthenticate(): Observable<void> {
    return defer(
      () =>
        this.reauthentication?.start() ??
        throwError(() => new ConnectError('reauthenticate failed: there is no connection; wait for state "connected"')),
    );
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

  /** What happens on one connection: wanted subscriptions first, then what is owed, then what is new. */
  private work(link: Link): Observable<never> {
    const { settings, sender, registry, router, openIds, log } = this;
    const { options } = settings;
    const { sessionPresent, limits } = link;
    const v5 = limits.protocolVersion === 5;
    const acks = new AckLane(link, { openIds, log, flow: link.connection, window: settings.receiveMaximum });
    this.acks = acks;
    const hold: Hold = (message, holder) => acks.hold(message, holder);
    if (!sessionPresent) {
      log?.forget(openIds);
      openIds.clear();
    }

    const { authenticationMethod: method } = link.connack.properties ?? {};
    const reauthentication = new Reauthentication(link, {
      source: options.auth,
      method,
      timeout: settings.connectTimeout,
    });
    const silent = toFlag(options.properties?.requestProblemInformation) === false;

    const messages$ = link.packets$.pipe(
      silent ? refuseProblemInformation() : identity,
      acknowledge(sender),
      answers(registry),
      authenticate(reauthentication),
      control(() => this.pongs.next()),
      receive({
        openIds,
        log,
        acks,
        port: link,
        // 3.1.1 has no window that a broker could break: there, reading stops at the bound.
        receiveMaximum: v5 ? settings.receiveMaximum : Infinity,
        topicAliasMaximum: settings.topicAliasMaximum,
      }),
    );
    // Only a session that was there before brings messages before they are asked for.
    const grace = sessionPresent ? (options.unroutedGrace ?? 5000) : 0;
    const incoming$ = messages$.pipe(
      options.validatePayloadFormat === true ? refuseFalseText(acks) : identity,
      tap((message) => this.messages.observed && this.messages.next(message)),
      route(router, hold),
      lateObservers({ router, hold, grace, joined$: registry.joined$ }),
      tap((message) => {
        this.unroutedCount++;
        this.unrouted.next(message);
      }),
      ignoreElements(),
    );
    return merge(
      incoming$,
      this.holdReauthentication(reauthentication),
      restore(registry, link, sessionPresent),
      drain(sender, link, { sessionPresent, drained$: link.connection.drained$, rate: options.offline?.rate }),
      keepAlive(link, {
        keepalive: limits.keepalive,
        pingTimeout: options.pingTimeout,
        wakeUps$: this.wakeUps$,
        isDeaf: () => acks.isPaused,
      }),
    ).pipe(tap({ error: (reason: MqttError) => sender.detach(reason) }));
  }

  /** Offers `reauthenticate()` for as long as it is subscribed; errors when an exchange fails. */
  private holdReauthentication(reauthentication: Reauthentication): Observable<never> {
    return new Observable<never>((subscriber) => {
      this.reauthentication = reauthentication;
      subscriber.add(() => {
        this.reauthentication = undefined;
        reauthentication.close();
      });
      subscriber.add(reauthentication.failed$.subscribe(subscriber));
    });
  }

  /** Nothing can be asked of a client that has ended or is about to. */
  private refuses(subscriber: { error(error: unknown): void }): boolean {
    if (this.ended === undefined && this.ending === undefined) return false;
    subscriber.error(this.ended ?? new ClosedError('the client is being ended; make a new one with connect()'));
    return true;
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
    this.sender.close(this.ended);
    this.registry.close(reason === undefined ? undefined : this.ended);
    this.messages.complete();
    this.unrouted.complete();
    this.faults.complete();
    this.tap.close();
    this.ending?.resolve();
  }
}
