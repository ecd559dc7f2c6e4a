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
  Subject,
  Subscription,
  switchMap,
  take,
  takeUntil,
  throwError,
  timeout,
  using,
} from 'rxjs';
import type { ConnectionFailure } from '../connection/failure.js';
import { isFinal, isVersionDoubt, isVersionRefusal, recurs } from '../connection/final-failures.js';
import type { Link } from '../connection/link.js';
import { reconnect } from '../connection/reconnect.js';
import { redirectTargets, STABLE_AFTER } from '../connection/redirect.js';
import { ServerSelector } from '../connection/server-selector.js';
import type { ConnectionState, StateCell } from '../connection/state.js';
import { TakeoverWatch } from '../connection/takeover-watch.js';
import { WakeUpAttempts } from '../connection/wake-up-attempts.js';
import type { MqttError } from '../errors.js';
import { elapsed } from '../rx/clock.js';
import { finalizeBeforeError } from '../rx/finalize-before-error.js';
import { safeTimer } from '../rx/safe-timer.js';
import { displayUrl } from '../transport/url.js';
import type { ClientLog } from './client-log.js';
import { asMqttError, isUnreachable, left, tooLate } from './connect-errors.js';
import { openConnection, type OpenConnectionOptions } from './open-connection.js';
import { preferredServerUp } from './preferred-server.js';
import { serverListOf } from './server-list-of.js';

/** How long a connection that is left for another server has for its publishes, in ms. */
const LEAVE_TIMEOUT = 5000;

export interface DialerOptions extends Pick<OpenConnectionOptions, 'settings' | 'tap' | 'skips' | 'work'> {
  readonly log: ClientLog;
  /** Completes when a connection may be opened; awaited before each attempt. */
  readonly ready$: Observable<never>;
  /** Emits once no publish is under way. */
  readonly idle$: Observable<unknown>;
  /** A connection was opened, but ended before CONNACK, and not because of the protocol version. */
  readonly onLostHandshake: () => void;
  /** Something is wrong that does not end the client. */
  readonly onFault: (fault: MqttError) => void;
}

/** Makes one connection after the other. Decides what follows the end of each: another attempt at once or later, or none. */
export class Dialer {
  /** The current connection. */
  link: Link | undefined;
  /** How many connections were made. */
  connections = 0;
  /** From the options, or assigned by the broker. */
  clientId: string;
  private readonly servers: ServerSelector;
  private readonly takeovers = new TakeoverWatch();
  private readonly wakeUps = new WakeUpAttempts();
  private readonly retryNow = new Subject<void>();
  /** Gives up the attempt that runs. */
  private readonly abandon = new Subject<void>();
  /** `redial()` was called, and the connection or attempt that it leaves has not ended yet. */
  private isLeaving = false;
  /** The preferred server, if the connection is left because that one can be reached again. */
  private returnsTo: string | undefined;
  /** The flag `clean` of the next connection, if `redial()` asked for one. */
  private clean: boolean | undefined;
  private isWaiting = false;
  /** The next attempt goes to a server that has not failed as the last one did. */
  private isElsewhere = false;
  /** The attempt reads TLS files anew. */
  private readsFiles = false;
  /** The last attempt went to a server that only a broker has named. It does not get our secrets. */
  private isForeign = false;
  /** The URL of the attempt, secrets included. */
  private dialled = '';

  constructor(
    private readonly options: DialerOptions,
    private readonly state: StateCell<ConnectionState>,
    /** Whether the client wants a connection: it has started, and neither ends nor goes idle. */
    private readonly isWanted: () => boolean,
  ) {
    const { settings } = options;
    const { protocolVersion, redirect } = settings;
    const list = serverListOf(settings, (text) => options.log.warn(text));
    this.servers = new ServerSelector(list, protocolVersion, redirect?.maxHops, settings.options.auth !== undefined);
    this.clientId = settings.clientId;
  }

  /** Dials, and works on the connection; then again, for as long as retrying makes sense. */
  readonly connections$: Observable<never> = defer(() =>
    this.dial().pipe(
      reconnect({
        strategy: this.options.settings.reconnect,
        isFatal: ({ error }) => !this.isWanted() || this.isFinal(error),
        isUrgent: () => this.wakeUps.isOwed,
        onWait: ({ error }, delay) => {
          this.isWaiting = true;
          this.state.set({ status: 'reconnecting', attempt: this.servers.current + 1, delay, reason: error });
        },
        now$: this.retryNow,
      }),
    ),
  );

  /** The server of the attempt or the connection, or the one to dial first; without secrets. */
  get url(): string {
    return displayUrl(this.dialled || this.servers.url);
  }

  /** Leaves the connection, or ends the waiting, and dials at once. */
  redial(clean: boolean | undefined): void {
    this.clean = clean ?? this.clean;
    const { link } = this;
    if (link !== undefined) {
      this.isLeaving = true;
      return link.disconnect(0);
    }
    // A running attempt is given up only if `clean` asks for another session.
    if (clean !== undefined && this.abandon.observed) {
      this.isLeaving = true;
      this.abandon.next();
    }
    this.retryNow.next();
  }

  /** The page has woken up: it is pointless to wait any longer. */
  wokeUp(): void {
    if (!this.isWaiting) return this.wakeUps.note();
    if (!this.wakeUps.take()) return;
    this.servers.restart();
    this.retryNow.next();
  }

  /** One attempt, and the connection that it makes. */
  private dial(): Observable<never> {
    return defer(() => {
      this.isWaiting = false;
      this.servers.begin();
      let connectedAt: number | undefined;
      const open$ = defer(() => this.open(() => (connectedAt = elapsed()))).pipe(takeUntil(this.abandon));
      const abandoned$ = defer(() => (this.isLeaving ? throwError(() => left()) : EMPTY));
      return concat(this.options.ready$, open$, abandoned$).pipe(
        finalizeBeforeError(),
        catchError((error: unknown, again$: Observable<never>) => {
          const reason = asMqttError(error, displayUrl(this.servers.url));
          const lasted = connectedAt === undefined ? undefined : elapsed() - connectedAt;
          connectedAt = undefined;
          if (this.dialsAtOnce(reason, lasted)) return again$;
          const failure = this.failed(reason, lasted);
          return failure === undefined ? again$ : throwError(() => failure);
        }),
      );
    });
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
    if (!this.isWanted()) return EMPTY;
    const late = () => throwError(() => tooLate(`looking up ${service}`, connectTimeout));
    const found$ = servers.lookUp().pipe(timeout<never, Observable<never>>({ first: connectTimeout, with: late }));
    return concat(
      found$,
      defer(() => this.openAt(due, onConnected)),
    );
  }

  private openAt(due: number, onConnected: () => void): Observable<never> {
    const { settings, tap, skips, work } = this.options;
    const { url, protocolVersion, current: attempt } = this.servers;
    const foreign = settings.redirect?.credentials !== 'always' && this.servers.isForeign(url);
    this.isForeign = foreign;
    this.dialled = url;
    const planned = displayUrl(url);
    // Shown before `beforeConnect`, which may take its time.
    this.connecting(attempt, planned);
    // A state observer may have ended the client: then nothing is opened.
    if (!this.isWanted()) return EMPTY;
    return openConnection({
      settings,
      context: { attempt, url, protocolVersion, clientId: this.clientId, clean: this.clean, foreign },
      due,
      tap,
      skips,
      onPrepared: ({ url, target, readsFiles }) => {
        this.dialled = target.url;
        this.readsFiles = readsFiles;
        if (url !== planned) this.connecting(attempt, url);
        return this.isWanted();
      },
      onLostHandshake: (url, error) => this.handshakeLost(url, error),
      work: (link) => {
        onConnected();
        this.accept(link);
        return using(
          () => this.returning(link),
          () => work(link),
        );
      },
    });
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
        switchMap(() => merge(idle$, safeTimer(LEAVE_TIMEOUT)).pipe(take(1))),
        observeOn(asapScheduler),
        filter(() => this.isWanted()),
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

  private handshakeLost(url: string, error: unknown): void {
    const next = isVersionDoubt(error) ? this.servers.hungUp() : undefined;
    if (next === undefined) return this.options.onLostHandshake();
    const name = next === 5 ? 'MQTT 5' : 'MQTT 3.1.1';
    this.options.log.warn(`no usable CONNACK came from ${url}; the next attempt speaks ${name}`);
  }

  /** Whether the same would happen at the next attempt. */
  private isFinal(error: MqttError): boolean {
    const { options } = this.options.settings;
    const own = options.isFatal?.(error);
    if (own !== undefined) return own;
    // A server that only a broker has named cannot end the client: the configured ones are tried again.
    if (this.isForeign) return false;
    return isFinal(error, {
      isPrepared: options.beforeConnect !== undefined,
      isAuthenticated: options.auth !== undefined,
      readsFiles: this.readsFiles,
      isElsewhere: this.isElsewhere,
    });
  }

  /** Whether the end of an attempt or a connection is an answer, and no failure: the next attempt follows at once. */
  private dialsAtOnce(reason: MqttError, lasted = 0): boolean {
    const { servers } = this;
    // When the broker refuses MQTT 5, try 3.1.1.
    if (isVersionRefusal(reason) && servers.versionRefused()) {
      this.options.log.info(`${displayUrl(servers.url)} refuses MQTT 5; trying MQTT 3.1.1`);
      return true;
    }
    if (!this.isWanted()) return false;
    const wasLeft = this.isLeaving;
    const leftFor = this.returnsTo;
    if (!wasLeft && !this.isRedirected(reason, lasted >= STABLE_AFTER)) return false;
    this.isLeaving = false;
    this.returnsTo = undefined;
    this.link = undefined;
    if (servers.current === 0) servers.begin();
    const why = wasLeft ? left(leftFor) : reason;
    this.state.set({ status: 'reconnecting', attempt: servers.current, delay: 0, reason: why });
    return true;
  }

  /** Whether the broker referred us to a server that may be dialled. */
  private isRedirected(reason: MqttError, wasStable: boolean): boolean {
    const { redirect } = this.options.settings;
    if (redirect === undefined) return false;
    const urls = redirectTargets(reason, this.dialled).filter((url) => redirect.allow(displayUrl(url)));
    return urls.length > 0 && this.servers.redirect(urls, reason.reasonCode === 0x9d, wasStable);
  }

  /**
   * @param lasted - the time from CONNACK, in ms; undefined without CONNACK.
   * @returns undefined when another server is dialled at once.
   */
  private failed(error: MqttError, lasted: number | undefined): ConnectionFailure | undefined {
    const { servers, wakeUps, clientId } = this;
    const { log, onFault } = this.options;
    const { protocolVersion, isListed } = servers;
    const ended = { error, attempt: servers.current, connectedFor: lasted ?? 0, url: displayUrl(servers.url) };
    this.link = undefined;
    this.isElsewhere = servers.failed(recurs(error));
    if (lasted === undefined && isListed && this.passesOver(error)) return undefined;
    const failure: ConnectionFailure = wakeUps.failed() ? { ...ended, afterWakeUp: true } : ended;
    if (wakeUps.isOwed) servers.restart();
    if (!this.isWanted()) return failure;
    const takeover =
      lasted === undefined ? undefined : this.takeovers.ended(error, protocolVersion, clientId, elapsed());
    if (takeover !== undefined) onFault(takeover);
    if (lasted === undefined) log.attemptFailed(error);
    else log.warn(error.message);
    return failure;
  }

  /** Whether nothing answers there, and another of the servers is dialled at once. */
  private passesOver(reason: MqttError): boolean {
    const { servers } = this;
    const { reconnect: strategy, options } = this.options.settings;
    if (!this.isWanted() || strategy === false || this.wakeUps.isOwed) return false;
    if (options.isFatal?.(reason) === true) return false;
    if (!isUnreachable(reason) || !servers.passOver()) return false;
    this.options.log.attemptFailed(reason);
    this.state.set({ status: 'reconnecting', attempt: servers.current + 1, delay: 0, reason });
    return true;
  }
}
