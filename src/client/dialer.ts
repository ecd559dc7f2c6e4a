import {
  catchError,
  concat,
  defer,
  EMPTY,
  filter,
  type Observable,
  Subject,
  Subscription,
  takeUntil,
  throwError,
  using,
} from 'rxjs';
import { isVersionDoubt } from '../connection/final-failures.js';
import type { Link } from '../connection/link.js';
import { reconnect } from '../connection/reconnect.js';
import { ServerSelector } from '../connection/server-selector.js';
import type { ConnectionState } from '../connection/connection-state.js';
import type { StateCell } from '../rx/state-cell.js';
import { WakeUpAttempts } from '../connection/wake-up-attempts.js';
import type { ConnectError, MqttError } from '../errors.js';
import { elapsed } from '../rx/clock.js';
import { versionName } from '../packet/version-name.js';
import { finalizeBeforeError } from '../rx/finalize-before-error.js';
import { displayUrl } from '../transport/url.js';
import { FailurePolicy, type DialledServer } from './failure-policy.js';
import type { ClientLog } from './client-log.js';
import { asMqttError, connectionLeft } from './connect-errors.js';
import { openConnection, type OpenConnectionOptions } from './open-connection.js';
import { mayReturn, stayFor } from './preferred-server.js';
import { serverListOf } from './server-list-of.js';

export interface DialerOptions extends Pick<OpenConnectionOptions, 'settings' | 'tap' | 'skips' | 'work'> {
  readonly log: ClientLog;
  /** Completes when a connection may be opened; awaited before each attempt. */
  readonly ready$: Observable<never>;
  /** Emits once no publish is under way. */
  readonly idle$: Observable<unknown>;
  /** A connection was opened, but ended before CONNACK, and not because of the protocol version. */
  readonly onLostHandshake: () => void;
  /** Called for a problem that does not end the client. */
  readonly onFault: (fault: MqttError) => void;
}

/** Makes one connection after the other. {@link FailurePolicy} decides what follows the end of each. */
export class Dialer {
  /** The current connection. */
  link: Link | undefined;
  /** How many connections were made. */
  connections = 0;
  /** From the options, or assigned by the broker. */
  clientId: string;
  private readonly servers: ServerSelector;
  private readonly failurePolicy: FailurePolicy;
  private readonly wakeUps = new WakeUpAttempts();
  private readonly retryNow = new Subject<void>();
  /** Cancels the running attempt. */
  private readonly abandon = new Subject<void>();
  /** Why the connection or attempt is left on purpose, until it has ended. */
  private leaving: ConnectError | undefined;
  /** The flag `clean` of the next connection, if `redial()` asked for one. */
  private clean: boolean | undefined;
  private isWaiting = false;
  /** Since when the client has been connected to other servers than the preferred one, by `elapsed()`. */
  private awaySince: number | undefined;
  private target: DialledServer = { url: '', isForeign: false, readsFiles: false };

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
    this.failurePolicy = new FailurePolicy(options, this.servers, this.wakeUps, state, isWanted);
    this.clientId = settings.clientId;
  }

  /** Dials, and works on the connection; then again, for as long as retrying makes sense. */
  readonly connections$: Observable<never> = defer(() =>
    this.dial().pipe(
      reconnect({
        strategy: this.options.settings.reconnect,
        isFatal: ({ error }) => !this.isWanted() || this.failurePolicy.isFinal(error, this.target),
        isUrgent: () => this.wakeUps.isOwed,
        onWait: ({ error }, delay) => {
          this.isWaiting = true;
          this.state.set({ status: 'reconnecting', attempt: this.servers.current + 1, delay, reason: error });
        },
        now$: this.retryNow,
      }),
    ),
  );

  /** The server of the current attempt or connection, or the first one to dial; without secrets. */
  get url(): string {
    return displayUrl(this.target.url || this.servers.url);
  }

  /** The next connection follows no failure, but a pause, or `reconnect()`. */
  resume(): void {
    const { servers, awaySince = Infinity } = this;
    const { returnAfter = Infinity } = this.options.settings.options;
    // Connections that are shorter than `returnAfter` must not keep the client away.
    const returns = elapsed() - awaySince >= stayFor(returnAfter, servers.failedReturns);
    if (returns) this.awaySince = undefined;
    servers.resume(returns);
  }

  /** Leaves the connection, or ends the waiting, and dials at once. */
  redial(clean: boolean | undefined): void {
    this.clean = clean ?? this.clean;
    const { link } = this;
    if (link !== undefined) {
      this.resume();
      this.leaving = connectionLeft();
      return link.disconnect(0);
    }
    // A running attempt is cancelled only if `clean` asks for another session.
    if (clean !== undefined && this.abandon.observed) {
      this.leaving = connectionLeft();
      this.abandon.next();
    }
    this.retryNow.next();
  }

  /** The page has woken up, so waiting longer is pointless. */
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
      const abandoned$ = defer(() => (this.leaving === undefined ? EMPTY : throwError(() => this.leaving)));
      return concat(this.options.ready$, open$, abandoned$).pipe(
        finalizeBeforeError(),
        catchError((error: unknown, again$: Observable<never>) => {
          const reason = asMqttError(error, `connecting to ${displayUrl(this.servers.url)}`);
          const lasted = connectedAt === undefined ? undefined : elapsed() - connectedAt;
          const { leaving, target, clientId } = this;
          connectedAt = undefined;
          this.leaving = undefined;
          this.link = undefined;
          const failure = this.failurePolicy.failureOf({ reason, lasted, leaving, target, clientId });
          return failure === undefined ? again$ : throwError(() => failure);
        }),
      );
    });
  }

  /** Looks the servers up if that is due, and opens a connection to one of them. */
  private open(onConnected: () => void): Observable<never> {
    const { servers } = this;
    const due = elapsed() + this.options.settings.connectTimeout;
    if (!servers.isLookupDue) return this.openAt(due, onConnected);
    this.connecting(servers.current, displayUrl(servers.service));
    // A state observer may have ended the client: then nothing is looked up.
    if (!this.isWanted()) return EMPTY;
    return concat(
      servers.lookUp(),
      defer(() => this.openAt(due, onConnected)),
    );
  }

  private openAt(due: number, onConnected: () => void): Observable<never> {
    const { settings, tap, skips, work } = this.options;
    const { url, protocolVersion, current: attempt } = this.servers;
    const isForeign = settings.redirect?.credentials !== 'always' && this.servers.isForeign(url);
    this.target = { ...this.target, url, isForeign };
    const planned = displayUrl(url);
    // Shown before `beforeConnect`, which may take long.
    this.connecting(attempt, planned);
    // A state observer may have ended the client: then nothing is opened.
    if (!this.isWanted()) return EMPTY;
    return openConnection({
      settings,
      context: { attempt, url, protocolVersion, clientId: this.clientId, clean: this.clean, foreign: isForeign },
      due,
      tap,
      skips,
      onPrepared: ({ url, target, readsFiles }) => {
        this.target = { url: target.url, isForeign, readsFiles };
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

  /** While connected to another server: leaves it when a better one can be reached. */
  private returning(link: Link): Subscription {
    const { settings, idle$ } = this.options;
    const { servers, clientId } = this;
    const { returnAfter } = settings.options;
    if (returnAfter === undefined || !servers.isAway) return Subscription.EMPTY;
    return mayReturn({ settings, servers, clientId, returnAfter, idle$ })
      .pipe(filter(() => this.isWanted()))
      .subscribe((url) => {
        this.awaySince = undefined;
        servers.returnTo(url);
        this.leaving = connectionLeft(displayUrl(url));
        link.disconnect(0);
      });
  }

  private connecting(attempt: number, url: string): void {
    this.options.log.debug(`connecting to ${url}, attempt ${attempt}`);
    this.state.set({ status: 'connecting', attempt, url });
  }

  private accept(link: Link): void {
    const { servers } = this;
    const { url, sessionPresent, limits } = link;
    servers.succeeded();
    this.awaySince = servers.isAway ? (this.awaySince ?? elapsed()) : undefined;
    this.wakeUps.isOwed = false;
    this.options.log.info(`connected to ${url} by ${versionName(limits.protocolVersion)}`);
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
    this.options.log.warn(`no usable CONNACK came from ${url}; the next attempt speaks ${versionName(next)}`);
  }
}
