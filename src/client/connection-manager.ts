import {
  asapScheduler,
  catchError,
  concat,
  defer,
  EMPTY,
  filter,
  merge,
  type Observable,
  observeOn,
  of,
  Subject,
  Subscription,
  switchMap,
  take,
  takeUntil,
  throwError,
  timeout,
  using,
} from 'rxjs';
import { AliasedLink } from '../connection/aliased-link.js';
import { ServerSelector } from '../connection/server-selector.js';
import type { ConnectionFailure } from '../connection/failure.js';
import { isFinal, isVersionRefusal, recurs } from '../connection/final-failures.js';
import { handshake, type HandshakeOptions } from '../connection/handshake.js';
import type { Link } from '../connection/link.js';
import type { PacketTap } from '../connection/packet-tap.js';
import { disconnectWith } from '../connection/disconnect-with.js';
import { reconnect } from '../connection/reconnect.js';
import { redirectTargets } from '../connection/redirect-targets.js';
import { STABLE_AFTER } from '../connection/redirect.js';
import { StateCell, type ConnectionState } from '../connection/state.js';
import { TakeoverWatch } from '../connection/takeover-watch.js';
import { WakeUpAttempts } from '../connection/wake-up-attempts.js';
import type { WakeUp } from '../connection/wake-ups.js';
import { ConnectError, ErrorCode, type MqttError, ProtocolError } from '../errors.js';
import { elapsed } from '../rx/clock.js';
import { safeTimer } from '../rx/safe-timer.js';
import { finalizeBeforeError } from '../rx/finalize-before-error.js';
import type { TlsOptions } from '../transport/transport.js';
import { displayUrl } from '../transport/url.js';
import { type Attempt, prepareAttempt } from './attempt.js';
import type { ClientLog } from './client-log.js';
import type { EndOptions } from './client-options.js';
import type { ClientSettings } from './client-settings.js';
import { asMqttError, isUnreachable, left, located, tooLate } from './connect-errors.js';
import { preferredServerUp } from './preferred-server.js';
import { serverListOf } from './server-list-of.js';

export interface ConnectionManagerOptions {
  readonly settings: ClientSettings;
  /** Emits when it is pointless to wait any longer for the next attempt. */
  readonly wakeUps$: Observable<WakeUp>;
  readonly tap: PacketTap;
  readonly skips: HandshakeOptions['skips'];
  readonly log: ClientLog;
  /** Runs on each connection until it is lost. An error ends the connection. */
  readonly work: (link: Link) => Observable<never>;
  /** Emits once every acknowledgement has arrived. */
  readonly idle$: Observable<unknown>;
  /** Completes when a connection may be opened; awaited before each attempt. */
  readonly ready$: Observable<never>;
  /** Runs beside the connections. */
  readonly background$: Observable<never>;
  /** A connection was opened, but ended before CONNACK, and not because of the protocol version. */
  readonly onLostHandshake: () => void;
  /** Something is wrong that does not end the client. */
  readonly onFault: (fault: MqttError) => void;
  /** `goIdle()` has disconnected the client. */
  readonly onIdle: () => void;
  /** The client has ended: by `end()`, or for a reason that retrying cannot mend. */
  readonly onEnd: (reason: MqttError | undefined) => void;
}

/** How long `end()` waits for acknowledgements, in ms. */
const END_TIMEOUT = 5000;

/** Makes one connection after another, from the first attempt to the last DISCONNECT, and shows the state. */
export class ConnectionManager {
  readonly state = new StateCell<ConnectionState>({ status: 'idle' });
  /** The current connection. */
  link: Link | undefined;
  private connections = 0;
  private readonly servers: ServerSelector;
  private readonly takeovers = new TakeoverWatch();
  private readonly retryNow = new Subject<void>();
  /** Gives up the attempt that runs. */
  private readonly abandon = new Subject<void>();
  /** `reconnect()` was called, and what it leaves is not gone yet. */
  private isLeaving = false;
  /** The server that a connection is left for, if it is the preferred one that can be reached again. */
  private returnsTo: string | undefined;
  /** The flag `clean` of the next connection, where `reconnect()` asked for one. */
  private clean: boolean | undefined;
  private readonly wakeUps = new WakeUpAttempts();
  private isWaiting = false;
  /** The next attempt goes to a server that has not failed as the last one did. */
  private isElsewhere = false;
  /** TLS files are read anew by the attempt that runs. */
  private readsFiles = false;
  private running: Subscription | undefined;
  /** The last attempt went to a server that only a broker has named, and that is not told our secrets. */
  private isForeign = false;
  /** Of the options, or as the broker assigned it. */
  clientId: string;
  /** The URL of the attempt, secrets included. */
  private dialled = '';
  /** What follows when the connection closes: the next one, a pause, or the end. */
  private intent: 'stay' | 'idle' | 'end' = 'stay';

  constructor(private readonly options: ConnectionManagerOptions) {
    const { settings } = options;
    const { protocolVersion, redirect } = settings;
    const needsVersion5 = settings.options.auth !== undefined;
    const list = serverListOf(settings, (text) => options.log.warn(text));
    this.servers = new ServerSelector(list, protocolVersion, redirect?.maxHops, needsVersion5);
    this.clientId = settings.clientId;
  }

  /** Dials, and works on the connection; then again, for as long as retrying makes sense. */
  private readonly connections$: Observable<never> = defer(() => {
    const { settings, background$ } = this.options;
    const dialled$ = this.dial().pipe(
      reconnect({
        strategy: settings.reconnect,
        isFatal: ({ error }) => this.intent !== 'stay' || this.isFinal(error),
        isUrgent: () => this.wakeUps.isOwed,
        onWait: ({ error }, delay) => {
          this.isWaiting = true;
          this.state.set({ status: 'reconnecting', attempt: this.servers.current + 1, delay, reason: error });
        },
        now$: this.retryNow,
      }),
    );
    return merge(dialled$, background$);
  });

  /** The server of the attempt or the connection, or the one to dial first; without secrets. */
  get url(): string {
    return displayUrl(this.dialled || this.servers.url);
  }

  /** Connections after the first. */
  get reconnects(): number {
    return Math.max(0, this.connections - 1);
  }

  /** Starts connecting, unless it has already started. */
  start(): void {
    if (this.running !== undefined || this.intent !== 'stay') return;
    // Set before anything runs: a handler that ends the client must end this too.
    const running = new Subscription();
    this.running = running;
    running.add(this.options.wakeUps$.pipe(filter((wakeUp) => wakeUp !== 'offline')).subscribe(() => this.wokeUp()));
    running.add(
      this.connections$.subscribe({
        error: (error: unknown) => this.finish(asMqttError(error)),
        complete: () =>
          this.finish(new ConnectError('connecting failed: the reconnect function completed; keep it open to retry')),
      }),
    );
  }

  /** The page has woken up: it is pointless to wait any longer. */
  private wokeUp(): void {
    if (!this.isWaiting) return this.wakeUps.note();
    if (!this.wakeUps.take()) return;
    this.servers.restart();
    this.retry();
  }

  /** Whether the same would happen at the next attempt. */
  private isFinal(error: MqttError): boolean {
    const { options } = this.options.settings;
    const own = options.isFatal?.(error);
    if (own !== undefined) return own;
    // A server that only a broker has named does not end the client: the configured ones are asked again.
    if (this.isForeign) return false;
    return isFinal(error, {
      isPrepared: options.beforeConnect !== undefined,
      isAuthenticated: options.auth !== undefined,
      readsFiles: this.readsFiles,
      isElsewhere: this.isElsewhere,
    });
  }

  /** Skips the delay before the next attempt. */
  retry(): void {
    this.retryNow.next();
  }

  /** Leaves what there is, or ends the waiting, and dials at once. */
  reconnect(clean: boolean | undefined): void {
    this.clean = clean ?? this.clean;
    if (this.running === undefined) return this.start();
    const { link } = this;
    if (link !== undefined) {
      this.isLeaving = true;
      return link.disconnect(0);
    }
    // An attempt that runs dials already; it is given up only where it would bring another session.
    if (clean !== undefined && this.abandon.observed) {
      this.isLeaving = true;
      this.abandon.next();
    }
    this.retry();
  }

  /** Ends for good with an error that no further connection would mend. */
  fail(error: MqttError): void {
    this.intent = 'stay';
    this.finish(error);
  }

  /** Disconnects until the next {@link start}. */
  goIdle(): void {
    if (this.intent !== 'stay' || this.running === undefined) return;
    this.intent = 'idle';
    this.leave({ force: true });
  }

  /** Disconnects for good, once every publish is acknowledged or the timeout has passed. */
  end(options: EndOptions): void {
    const again = this.intent === 'end';
    this.intent = 'end';
    if (!again || options.force === true) this.leave(options);
  }

  /** One attempt, and the connection that it makes. */
  private dial(): Observable<never> {
    const { servers } = this;
    const { log } = this.options;
    return defer(() => {
      this.isWaiting = false;
      servers.begin();
      let connectedAt: number | undefined;
      const open$ = defer(() => this.open(() => (connectedAt = elapsed()))).pipe(takeUntil(this.abandon));
      const abandoned$ = defer(() => (this.isLeaving ? throwError(() => left()) : EMPTY));
      return concat(this.options.ready$, open$, abandoned$).pipe(
        finalizeBeforeError(),
        catchError((error: unknown, again$: Observable<never>) => {
          const reason = asMqttError(error, displayUrl(servers.url));
          // When the broker refuses MQTT 5, try 3.1.1 at once: a refusal is an answer, not a failure.
          if (isVersionRefusal(reason) && servers.versionRefused()) {
            log.info(`${displayUrl(servers.url)} refuses MQTT 5; trying MQTT 3.1.1`);
            return again$;
          }
          if (this.wasLeft()) {
            connectedAt = undefined;
            return again$;
          }
          const stable = connectedAt !== undefined && elapsed() - connectedAt >= STABLE_AFTER;
          if (this.follow(error, stable)) {
            connectedAt = undefined;
            return again$;
          }
          this.link = undefined;
          const failed = {
            error: reason,
            attempt: servers.current,
            connectedFor: connectedAt === undefined ? 0 : elapsed() - connectedAt,
            url: displayUrl(servers.url),
          };
          const isListed = servers.isListed;
          this.isElsewhere = servers.failed(recurs(reason));
          if (connectedAt === undefined && isListed && this.passesOver(reason)) return again$;
          const failure: ConnectionFailure = this.wakeUps.failed() ? { ...failed, afterWakeUp: true } : failed;
          if (this.wakeUps.isOwed) servers.restart();
          if (this.intent !== 'stay') return throwError(() => failure);
          if (connectedAt !== undefined) this.watchTakeovers(reason);
          if (connectedAt === undefined) log.attemptFailed(reason);
          else log.warn(reason.message);
          return throwError(() => failure);
        }),
      );
    });
  }

  /** Whether nothing answers there, and another of the servers is dialled at once. */
  private passesOver(reason: MqttError): boolean {
    const { reconnect: strategy, options } = this.options.settings;
    if (this.intent !== 'stay' || strategy === false || this.wakeUps.isOwed) return false;
    if (options.isFatal?.(reason) === true) return false;
    if (!isUnreachable(reason) || !this.servers.passOver()) return false;
    this.options.log.attemptFailed(reason);
    this.state.set({ status: 'reconnecting', attempt: this.servers.current + 1, delay: 0, reason });
    return true;
  }

  private watchTakeovers(error: MqttError): void {
    const fault = this.takeovers.ended(error, this.servers.protocolVersion, this.clientId, elapsed());
    if (fault !== undefined) this.options.onFault(fault);
  }

  /** Whether what has ended was left on purpose, to dial anew: then that is no failure. */
  private wasLeft(): boolean {
    if (!this.isLeaving || this.intent !== 'stay') return false;
    this.isLeaving = false;
    this.link = undefined;
    if (this.servers.current === 0) this.servers.begin();
    this.state.set({ status: 'reconnecting', attempt: this.servers.current, delay: 0, reason: left(this.returnsTo) });
    this.returnsTo = undefined;
    return true;
  }

  /** Whether the broker referred us to a server that may be dialled: that is an answer too, and not a failure. */
  private follow(error: unknown, wasStable: boolean): boolean {
    const { redirect } = this.options.settings;
    if (redirect === undefined || this.intent !== 'stay') return false;
    const { servers } = this;
    const urls = redirectTargets(error, this.dialled).filter((url) => redirect.allow(displayUrl(url)));
    const reason = asMqttError(error);
    if (urls.length === 0 || !servers.redirect(urls, reason.reasonCode === 0x9d, wasStable)) return false;
    this.link = undefined;
    if (servers.current === 0) servers.begin();
    this.state.set({ status: 'reconnecting', attempt: servers.current, delay: 0, reason });
    return true;
  }

  /** Looks the servers up, where that is due, and opens a connection to one of them. */
  private open(onConnected: () => void): Observable<never> {
    const { servers } = this;
    const { connectTimeout } = this.options.settings;
    const due = elapsed() + connectTimeout;
    if (!servers.isLookupDue) return this.openAt(due, onConnected);
    const service = displayUrl(servers.url);
    this.connecting(servers.current, service);
    // A state observer may have ended the client: then nothing is asked.
    if (this.running === undefined) return EMPTY;
    const late = () => throwError(() => tooLate(`looking up ${service}`, connectTimeout));
    const found$ = servers.lookUp().pipe(timeout<never, Observable<never>>({ first: connectTimeout, with: late }));
    return concat(
      found$,
      defer(() => this.openAt(due, onConnected)),
    );
  }

  /** Opens the transport, performs the handshake, and works on the connection. */
  private openAt(due: number, onConnected: () => void): Observable<never> {
    const { settings, tap, skips, work } = this.options;
    const { connectTimeout, maximumPacketSize } = settings;
    const { foreignProtocol } = settings.platform;
    const { url, protocolVersion, current: attempt } = this.servers;
    const foreign = settings.redirect?.credentials !== 'always' && this.servers.isForeign(url);
    this.isForeign = foreign;
    const aliased = settings.options.topicAlias === 'auto' ? AliasedLink : undefined;
    this.dialled = url;
    const inTime = <T>(what: string, stage = Infinity) =>
      timeout<T, Observable<never>>({
        first: Math.min(due - elapsed(), stage),
        with: () => throwError(() => tooLate(what, Math.min(connectTimeout, stage))),
      });

    const planned = displayUrl(url);
    // Shown before `beforeConnect`, which may take its time.
    this.connecting(attempt, planned);
    // A state observer may have ended the client: then nothing is opened.
    if (this.running === undefined) return EMPTY;
    return prepareAttempt(settings, {
      attempt,
      url,
      protocolVersion,
      clientId: this.clientId,
      clean: this.clean,
      foreign,
    }).pipe(
      inTime<Attempt>('beforeConnect'),
      switchMap(({ url, target, connect, auth }) => {
        this.dialled = target.url;
        this.readsFiles = namesFiles(target.tls);
        if (url !== planned) this.connecting(attempt, url);
        if (this.running === undefined) return EMPTY;
        return settings.transport(target).pipe(
          inTime(`connecting to ${url}`),
          switchMap((connection) =>
            handshake(connection, { url, foreignProtocol, connect, maximumPacketSize, aliased, auth, tap, skips }).pipe(
              inTime(`CONNACK from ${url}`, settings.options.timeouts?.connack),
              switchMap((link) => {
                onConnected();
                this.accept(link);
                return using(
                  () => this.returning(link),
                  () => work(link),
                );
              }),
              catchError((error: unknown) => {
                if (this.link === undefined) this.handshakeLost(url, error);
                return disconnectWith(connection, protocolVersion, error);
              }),
            ),
          ),
          catchError((error: unknown) => throwError(() => located(asMqttError(error), url))),
        );
      }),
    );
  }

  /** Beside a connection to a server of second choice: leaves it when the preferred one can be reached again. */
  private returning(link: Link): Subscription {
    const { settings, idle$ } = this.options;
    const { servers, clientId } = this;
    const { preferred: url, protocolVersion, failedReturns } = servers;
    const { returnAfter } = settings.options;
    if (returnAfter === undefined || url === undefined) return Subscription.EMPTY;
    const context = { attempt: 1, url, protocolVersion, clientId, foreign: false };
    return preferredServerUp(settings, context, returnAfter, failedReturns)
      .pipe(
        switchMap(() => merge(idle$, safeTimer(END_TIMEOUT)).pipe(take(1))),
        observeOn(asapScheduler),
        filter(() => this.intent === 'stay'),
      )
      .subscribe(() => {
        servers.returnToPreferred();
        this.returnsTo = displayUrl(url);
        this.isLeaving = true;
        link.disconnect(0);
      });
  }

  private connecting(attempt: number, url: string): void {
    this.options.log.debug(`connecting to ${url}, attempt ${attempt}`);
    this.state.set({ status: 'connecting', attempt, url });
  }

  /** The connection ended between CONNECT and CONNACK: brokers without MQTT 5 do that, and so do bad lines. */
  private handshakeLost(url: string, error: unknown): void {
    // Nor is the CONNACK of 3.1.1 well-formed in MQTT 5.
    const isSign = error instanceof ConnectError ? error.code === ErrorCode.CONNECTION_LOST : isMalformed(error);
    const next = isSign ? this.servers.hungUp() : undefined;
    if (next === undefined) return this.options.onLostHandshake();
    const name = next === 5 ? 'MQTT 5' : 'MQTT 3.1.1';
    this.options.log.warn(`no usable CONNACK came from ${url}; the next attempt speaks ${name}`);
  }

  private accept(link: Link): void {
    const { url, sessionPresent, limits } = link;
    this.servers.succeeded();
    this.wakeUps.isOwed = false;
    this.options.log.info(`connected to ${url} by ${limits.protocolVersion === 5 ? 'MQTT 5' : 'MQTT 3.1.1'}`);
    this.clean = undefined;
    this.connections++;
    this.link = link;
    // Keep an identifier that the broker assigned.
    this.clientId = limits.clientId;
    this.state.set({ status: 'connected', url, sessionPresent, negotiated: limits });
  }

  private leave({ timeout: wait = END_TIMEOUT, force = false, reasonCode = 0, sessionExpiry }: EndOptions): void {
    const { link } = this;
    if (link === undefined) return this.finish();
    const properties = sessionExpiry === undefined ? undefined : { sessionExpiryInterval: sessionExpiry };
    const ready$ = force ? of(undefined) : merge(this.options.idle$, safeTimer(wait));
    this.running?.add(
      // Wait for the end of this tick: a handler that ends the client still has its message acknowledged.
      ready$.pipe(take(1), observeOn(asapScheduler)).subscribe(() => link.disconnect(reasonCode, properties)),
    );
  }

  private finish(error?: MqttError): void {
    this.running?.unsubscribe();
    this.running = undefined;
    this.link = undefined;
    if (this.intent === 'idle') {
      this.intent = 'stay';
      this.state.set({ status: 'idle' });
      return this.options.onIdle();
    }
    const reason = this.intent === 'end' ? undefined : error;
    this.intent = 'end';
    if (reason !== undefined) this.options.log.ended(reason);
    this.options.onEnd(reason);
    this.state.finish(reason === undefined ? { status: 'ended' } : { status: 'ended', reason });
  }
}

function namesFiles(tls: TlsOptions | undefined): boolean {
  return [tls?.caFile, tls?.caPath, tls?.certFile, tls?.keyFile].some((path) => path !== undefined);
}

function isMalformed(error: unknown): boolean {
  return error instanceof ProtocolError && error.reasonCode === 0x81;
}
