import { asapScheduler, defer, filter, map, Observable, take, throwIfEmpty } from 'rxjs';
import type { PacketEvent } from '../connection/packet-tap.js';
import type { ConnectionState } from '../connection/connection-state.js';
import type { WakeUp } from '../connection/wake-ups.js';
import { ClosedError, type MqttError } from '../errors.js';
import type { PublishReceipt } from '../session/outgoing-publish.js';
import { PENDING, type SubscriptionInfo } from '../subscription/subscription-info.js';
import { CLIENT_HOOKS, type ClientHooks } from './client-hooks.js';
import { checkEndOptions } from './check-end-options.js';
import type {
  EndOptions,
  FilterRecord,
  Payload,
  PublishOptions,
  ReconnectOptions,
  SubscribeOptions,
  UnsubscribeOptions,
} from './client-options.js';
import { ClientLog } from './client-log.js';
import { ClientSession } from './client-session.js';
import { checkReconnectOptions, type ClientSettings } from './client-settings.js';
import { clientStats, clientStats$, type ClientStats } from './client-stats.js';
import { ConnectionManager } from './connection-manager.js';
import { RefCount } from './ref-count.js';
import type { MqttClient } from './mqtt-client.js';
import type { MqttMessage } from './mqtt-message.js';
import { isRecord } from '../options/check-options.js';
import { ping } from './ping.js';
import { publish, type Publishing } from './publish.js';
import { reauthenticate } from './reauthenticate.js';
import { toFilters } from './subscribe-request.js';
import { connectedStates, type ConnectedState } from './connected-states.js';
import { type Filters, messagesOf, unsubscribed } from './subscribing.js';
import { work } from './work.js';

type Inspect = (value: unknown, options: object) => string;

/** The client behind `connect`: checks arguments and delegates to session, registry and connection. */
export class Client implements MqttClient {
  private readonly session: ClientSession;
  private readonly manager: ConnectionManager;
  private readonly demand: RefCount;
  /** How many observers the state has. */
  private watchers = 0;
  private readonly publishing: Publishing;
  readonly [CLIENT_HOOKS]: ClientHooks;
  private ended: MqttError | undefined;
  private ending: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined;

  constructor(
    private readonly settings: ClientSettings,
    wakeUps$: Observable<WakeUp>,
  ) {
    const { lazy = false, linger = 1000 } = settings.options;
    const log = new ClientLog(settings.options.log, () => this.watchers > 0);
    const session = (this.session = new ClientSession(settings, wakeUps$, log, (error) => this.manager.fail(error)));
    this.manager = new ConnectionManager({
      settings,
      wakeUps$,
      tap: session.tap,
      skips: (publish, error) => session.giveUp(publish, error),
      log,
      work: (link) => work(link, session),
      idle$: session.idle$,
      ready$: session.ready$,
      background$: session.overdue$,
      onLostHandshake: () => session.quarantine?.connectFailed(),
      onFault: (fault) => {
        log.warn(fault.message);
        session.faults.next(fault);
      },
      onIdle: () => this.demand.resumeIfNeeded(),
      onEnd: (reason) => this.close(reason),
    });
    this.demand = new RefCount(
      lazy ? linger : undefined,
      () => this.manager.start(),
      () => this.manager.goIdle(),
    );
    const { registry, sender } = session;
    const highestQos = settings.options.limits?.qos;
    this.publishing = { registry, sender, demand: this.demand, highestQos, check: () => this.check() };
    const needed$ = new Observable<never>(() => {
      this.check();
      return this.demand.add();
    });
    this[CLIENT_HOOKS] = {
      client: this,
      needed$,
      publishAtMost: (tries, topic, payload, options) =>
        publish(this.publishing, topic, payload, settings.applyDefaults(topic, options), tries),
      fault: (error) => session.faults.next(error),
      adapt: (source$) => source$,
    };
    if (!lazy) asapScheduler.schedule(() => this.manager.start());
  }

  readonly state$ = new Observable<ConnectionState>((subscriber) => {
    this.watchers++;
    subscriber.add(() => this.watchers--);
    subscriber.add(this.manager.state.value$.subscribe(subscriber));
  });

  readonly connected$ = connectedStates(this.state$, () => this.ended ?? ended());

  get state(): ConnectionState {
    return this.manager.state.value;
  }

  get messages$(): Observable<MqttMessage> {
    return this.session.messages.stream$;
  }

  get unrouted$(): Observable<MqttMessage> {
    return this.session.unrouted.stream$;
  }

  get faults$(): Observable<MqttError> {
    return this.session.faults.stream$;
  }

  get packets$(): Observable<PacketEvent> {
    return this.session.tap.packets.stream$;
  }

  get subscriptions$(): Observable<ReadonlyMap<string, SubscriptionInfo>> {
    return this.session.registry.view.subscriptions$;
  }

  subscribe(filters: Filters, options?: SubscribeOptions): Observable<MqttMessage> {
    return messagesOf(this.publishing, filters, options);
  }

  unsubscribe(filter: string | readonly string[], options: UnsubscribeOptions = {}): Observable<readonly number[]> {
    return unsubscribed(this.publishing, filter, options);
  }

  granted(filter: string): Observable<SubscriptionInfo>;
  granted(filters: readonly string[] | FilterRecord): Observable<ReadonlyMap<string, SubscriptionInfo>>;
  granted(filters: Filters): Observable<SubscriptionInfo | ReadonlyMap<string, SubscriptionInfo>> {
    return this.whileOpen(() => {
      const names = toFilters(isRecord(filters) ? Object.keys(filters) : filters);
      return this.session.registry.view
        .granted(names)
        .pipe(map((all) => (typeof filters === 'string' ? (all.get(filters) ?? PENDING) : all)));
    });
  }

  resubscribe(): Observable<ReadonlyMap<string, SubscriptionInfo>> {
    return this.whileOpen(() => this.session.registry.resubscribe());
  }

  publish(topic: string, payload: Payload, options?: PublishOptions): Observable<PublishReceipt> {
    return publish(this.publishing, topic, payload, this.settings.applyDefaults(topic, options ?? undefined));
  }

  stats(): ClientStats {
    return clientStats(this.session, this.manager);
  }

  get stats$(): Observable<ClientStats> {
    return clientStats$(this.session, this.manager);
  }

  ping(): Observable<number> {
    return this.checked(() => ping(this.session, this.manager));
  }

  reauthenticate(): Observable<void> {
    return this.checked(() => reauthenticate(this.session, this.manager));
  }

  reconnect(options: ReconnectOptions = {}): Observable<ConnectedState> {
    return this.whileOpen(() => {
      const { clean } = checkReconnectOptions(options, this.settings.options);
      const { manager } = this;
      return new Observable<ConnectedState>((subscriber) => {
        subscriber.add(this.demand.add());
        const before = manager.state.value;
        manager.reconnect(clean);
        const next$ = manager.state.value$.pipe(
          filter((state): state is ConnectedState => state.status === 'connected' && state !== before),
          take(1),
        );
        subscriber.add(next$.subscribe(subscriber));
      });
    });
  }

  end(options: EndOptions = {}): Promise<void> {
    const checked = checkEndOptions(options, this.settings.options);
    if (this.ending === undefined) {
      let resolve = (): void => undefined;
      const promise = new Promise<void>((settle) => (resolve = settle));
      this.ending = { promise, resolve };
    }
    if (this.ended !== undefined) this.ending.resolve();
    else this.manager.end(checked);
    return this.ending.promise;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.end();
  }

  /** Limits what `JSON.stringify` shows, because the options hold secrets. */
  toJSON(): object {
    const { status } = this.state;
    return { status, url: this.manager.url, clientId: this.manager.clientId };
  }

  toString(): string {
    return `MqttClient ${JSON.stringify(this)}`;
  }

  /** For `console.log` on Node. */
  [Symbol.for('nodejs.util.inspect.custom')](_depth: number, options: object, inspect?: Inspect): string {
    return `MqttClient ${inspect?.(this.toJSON(), options) ?? JSON.stringify(this)}`;
  }

  /** Errors when the client ends before there is a value, too. */
  private whileOpen<T>(make: () => Observable<T>): Observable<T> {
    return this.checked(make).pipe(throwIfEmpty(() => this.ended ?? ended()));
  }

  /** Checks at each subscription. */
  private checked<T>(make: () => Observable<T>): Observable<T> {
    return defer(() => (this.check(), make()));
  }

  /** @throws ClosedError when the client has ended or is ending. */
  private check(): void {
    if (this.ended !== undefined) throw this.ended;
    if (this.ending !== undefined) throw new ClosedError('the client is ending; make a new one with connect()');
  }

  private close(reason: MqttError | undefined): void {
    this.ended =
      reason === undefined
        ? ended()
        : new ClosedError(`the client has ended for good: ${reason.message}`, {
            cause: reason,
            reasonCode: reason.reasonCode,
          });
    this.demand.close();
    this.session.close(this.ended, reason === undefined);
    this.ending?.resolve();
  }
}

function ended(): ClosedError {
  return new ClosedError('the client has ended; make a new one with connect()');
}
