import { asapScheduler, filter, merge, type Observable, observeOn, of, Subscription, take } from 'rxjs';
import type { Link } from '../connection/link.js';
import type { ConnectionState } from '../connection/connection-state.js';
import { StateCell } from '../rx/state-cell.js';
import type { WakeUp } from '../connection/wake-ups.js';
import { ConnectError, type MqttError } from '../errors.js';
import { safeTimer } from '../rx/safe-timer.js';
import type { EndOptions } from './client-options.js';
import { asMqttError } from './connect-errors.js';
import { Dialer, type DialerOptions } from './dialer.js';

export interface ConnectionManagerOptions extends DialerOptions {
  /** Emits when waiting longer for the next attempt is pointless. */
  readonly wakeUps$: Observable<WakeUp>;
  /** Emits once every acknowledgement has arrived. */
  readonly idle$: Observable<unknown>;
  /** Runs beside the connections. */
  readonly background$: Observable<never>;
  /** `goIdle()` has disconnected the client. */
  readonly onIdle: () => void;
  /** The client has ended: by `end()`, or for a reason that retrying cannot fix. */
  readonly onEnd: (reason: MqttError | undefined) => void;
}

/** How long `end()` waits for acknowledgements, in ms. */
const END_TIMEOUT = 5000;

/** Runs the {@link Dialer} from the first attempt to the last DISCONNECT, and holds the state. */
export class ConnectionManager {
  readonly state = new StateCell<ConnectionState>({ status: 'idle' });
  private readonly dialer: Dialer;
  private running: Subscription | undefined;
  /** What follows when the connection closes: the next one, a pause, or the end. */
  private intent: 'stay' | 'idle' | 'end' = 'stay';
  /** Ended for good, or about to say so: what a log or an observer does meanwhile changes nothing. */
  private isOver = false;

  constructor(private readonly options: ConnectionManagerOptions) {
    this.dialer = new Dialer(options, this.state, () => this.intent === 'stay' && this.running !== undefined);
  }

  /** The current connection. */
  get link(): Link | undefined {
    return this.dialer.link;
  }

  /** The client identifier: from the options, or assigned by the broker. */
  get clientId(): string {
    return this.dialer.clientId;
  }

  /** The server of the current attempt or connection, or the first one to dial; without secrets. */
  get url(): string {
    return this.dialer.url;
  }

  /** Connections after the first. */
  get reconnects(): number {
    return Math.max(0, this.dialer.connections - 1);
  }

  /** Starts connecting, unless it has already started. */
  start(): void {
    if (this.running !== undefined || this.intent !== 'stay') return;
    const { dialer } = this;
    const { wakeUps$, background$ } = this.options;
    // Set before anything runs: a handler that ends the client must end this too.
    const running = new Subscription();
    this.running = running;
    dialer.resume();
    running.add(wakeUps$.pipe(filter((wakeUp) => wakeUp !== 'offline')).subscribe(() => dialer.wokeUp()));
    running.add(
      merge(dialer.connections$, background$).subscribe({
        error: (error: unknown) => this.finish(asMqttError(error)),
        complete: () =>
          this.finish(new ConnectError('connecting failed: the reconnect function completed; keep it open to retry')),
      }),
    );
  }

  /** Leaves the connection, or ends the waiting, and dials at once. */
  reconnect(clean: boolean | undefined): void {
    const wasRunning = this.running !== undefined;
    this.dialer.redial(clean);
    if (!wasRunning) this.start();
  }

  /** Ends for good, with an error that no further connection can fix. */
  fail(error: MqttError): void {
    if (this.isOver) return;
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
    if (this.isOver) return;
    this.running?.unsubscribe();
    this.running = undefined;
    this.dialer.link = undefined;
    if (this.intent === 'idle') {
      this.intent = 'stay';
      this.state.set({ status: 'idle' });
      return this.options.onIdle();
    }
    const reason = this.intent === 'end' ? undefined : error;
    this.intent = 'end';
    this.isOver = true;
    if (reason !== undefined) this.options.log.ended(reason);
    this.options.onEnd(reason);
    this.state.finish(reason === undefined ? { status: 'ended' } : { status: 'ended', reason });
  }
}
