import type { ConnectionFailure } from '../connection/connection-failure.js';
import { isFinal, isVersionRefusal, recurs } from '../connection/final-failures.js';
import { STABLE_AFTER } from '../connection/backoff.js';
import { redirectTargets } from '../connection/redirect.js';
import type { ServerSelector } from '../connection/server-selector.js';
import type { ConnectionState } from '../connection/connection-state.js';
import type { StateCell } from '../rx/state-cell.js';
import { TakeoverWatch } from '../connection/takeover-watch.js';
import type { WakeUpAttempts } from '../connection/wake-up-attempts.js';
import type { ConnectError, MqttError } from '../errors.js';
import { elapsed } from '../rx/clock.js';
import { displayUrl } from '../transport/url.js';
import type { ClientLog } from './client-log.js';
import type { ClientSettings } from './client-settings.js';
import { isUnreachable } from './connect-errors.js';

/** The server of an attempt. */
export interface DialledServer {
  /** Secrets included. */
  readonly url: string;
  /** Known from a redirect only, so it does not get our secrets. */
  readonly isForeign: boolean;
  /** The attempt reads the files of the TLS options again. */
  readonly readsFiles: boolean;
}

/** The end of an attempt, or of the connection that it made. */
export interface AttemptEnd {
  readonly reason: MqttError;
  /** The time from CONNACK, in ms; undefined without CONNACK. */
  readonly lasted: number | undefined;
  /** Set when the client left on purpose, to dial again. */
  readonly leaving: ConnectError | undefined;
  readonly target: DialledServer;
  readonly clientId: string;
}

export interface FailurePolicyOptions {
  readonly settings: ClientSettings;
  readonly log: ClientLog;
  /** Called for a problem that does not end the client. */
  readonly onFault: (fault: MqttError) => void;
}

/** Decides what follows the end of an attempt or a connection: another attempt at once, later, or none. */
export class FailurePolicy {
  private readonly takeovers = new TakeoverWatch();
  /** The next attempt goes to a server that has not failed in the same way. */
  private isElsewhere = false;

  constructor(
    private readonly options: FailurePolicyOptions,
    private readonly servers: ServerSelector,
    private readonly wakeUps: WakeUpAttempts,
    private readonly state: StateCell<ConnectionState>,
    /** Whether the client wants a connection. */
    private readonly isWanted: () => boolean,
  ) {}

  /** The failure, or undefined when the next attempt follows at once. */
  failureOf(end: AttemptEnd): ConnectionFailure | undefined {
    return this.dialsAtOnce(end) ? undefined : this.failed(end);
  }

  /** Whether the next attempt would fail in the same way. */
  isFinal(error: MqttError, { isForeign, readsFiles }: DialledServer): boolean {
    const { options } = this.options.settings;
    const own = options.isFatal?.(error);
    if (own !== undefined) return own;
    // A server known from a redirect only cannot end the client: the configured servers are tried again.
    if (isForeign) return false;
    return isFinal(error, {
      isPrepared: options.beforeConnect !== undefined,
      isAuthenticated: options.auth !== undefined,
      readsFiles,
      isElsewhere: this.isElsewhere,
    });
  }

  /** Whether the end is an instruction of the broker or of the application, not a failure. */
  private dialsAtOnce({ reason, lasted = 0, leaving, target }: AttemptEnd): boolean {
    const { servers } = this;
    // When the broker refuses MQTT 5, try 3.1.1.
    if (isVersionRefusal(reason) && servers.versionRefused()) {
      this.options.log.info(`${displayUrl(servers.url)} refuses MQTT 5; trying MQTT 3.1.1`);
      return true;
    }
    if (!this.isWanted()) return false;
    if (leaving === undefined && !this.isRedirected(reason, target, lasted >= STABLE_AFTER)) return false;
    if (servers.current === 0) servers.begin();
    this.state.set({ status: 'reconnecting', attempt: servers.current, delay: 0, reason: leaving ?? reason });
    return true;
  }

  /** Whether the broker referred us to a server that may be dialled. */
  private isRedirected(reason: MqttError, target: DialledServer, wasStable: boolean): boolean {
    const { redirect } = this.options.settings;
    if (redirect === undefined) return false;
    const urls = redirectTargets(reason, target.url).filter((url) => redirect.allow(displayUrl(url)));
    return urls.length > 0 && this.servers.redirect(urls, reason.reasonCode === 0x9d, wasStable);
  }

  /** Moves on to the next server. Returns undefined when that one is dialled at once. */
  private failed({ reason: error, lasted, clientId }: AttemptEnd): ConnectionFailure | undefined {
    const { servers, wakeUps } = this;
    const { log, onFault } = this.options;
    const { protocolVersion, isListed } = servers;
    const ended = { error, attempt: servers.current, connectedFor: lasted ?? 0, url: displayUrl(servers.url) };
    // No failure: the client has left the server, and begins with it again.
    if (!this.isWanted()) return ended;
    this.isElsewhere = servers.failed(recurs(error));
    if (lasted === undefined && isListed && this.passesOver(error)) return undefined;
    const failure: ConnectionFailure = wakeUps.failed() ? { ...ended, afterWakeUp: true } : ended;
    if (wakeUps.isOwed) servers.restart();
    const takeover =
      lasted === undefined ? undefined : this.takeovers.ended(error, protocolVersion, clientId, elapsed());
    if (takeover !== undefined) onFault(takeover);
    if (lasted === undefined) log.attemptFailed(error);
    else log.warn(error.message);
    return failure;
  }

  /** Whether the server cannot be reached and another one is dialled at once. */
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
