import { Observable, Subject, type Subscriber, type Subscription } from 'rxjs';
import { ConnectError, ErrorCode, MqttError, ProtocolError, TimeoutError } from '../errors.js';
import type { AuthPacket } from '../packet/packets.js';
import { safeTimer } from '../rx/safe-timer.js';
import { AuthExchange, authPacket } from './auth-exchange.js';
import type { AuthSource } from './auth-mechanism.js';
import { startAuth, type StartedAuth } from './start-auth.js';

export interface ReauthenticationOptions {
  /** The `auth` option. */
  readonly source: AuthSource;
  /** The authentication method of CONNECT. */
  readonly method: string;
  /** The time limit of an exchange in ms, unless its mechanism sets one. */
  readonly timeout: number;
}

interface Running {
  readonly exchange: AuthExchange;
  readonly caller: Subscriber<void>;
  readonly deadline: Subscription;
}

/** Re-authenticates on an open connection while other traffic continues (section 4.12.1). */
export class Reauthentication {
  private readonly failures = new Subject<never>();
  /** Errors when an exchange fails: the connection must then be closed [MQTT-4.12.1-2]. */
  readonly failed$: Observable<never> = this.failures.asObservable();
  private running: Running | undefined;
  private busy: Subscriber<void> | undefined;

  constructor(
    private readonly port: { send(packet: AuthPacket): void },
    private readonly options: ReauthenticationOptions,
  ) {}

  /**
   * Sends AUTH 0x19 and runs the exchange: emits once and completes. It cannot be cancelled; unsubscribing only stops
   * listening.
   */
  start(): Observable<void> {
    const { source, method } = this.options;
    return new Observable<void>((caller) => {
      if (this.busy !== undefined) {
        caller.error(
          new MqttError('reauthenticate failed: another one is running; wait for it', {
            code: ErrorCode.INVALID_OPTION,
          }),
        );
        return;
      }
      this.busy = caller;
      const starting = startAuth(source).subscribe({
        next: (started) => this.run(started, method, caller),
        error: (error: unknown) => {
          this.busy = undefined;
          caller.error(error);
        },
      });
      caller.add(() => {
        if (this.running !== undefined || this.busy !== caller) return;
        starting.unsubscribe();
        this.busy = undefined;
      });
    });
  }

  /**
   * Handles an incoming AUTH.
   * @throws ProtocolError if no exchange is running.
   */
  received(packet: AuthPacket): void {
    const { running } = this;
    if (running === undefined) throw new ProtocolError('the broker sent AUTH out of order', { reasonCode: 0x82 });
    if (packet.reasonCode !== 0) return running.exchange.challenge(packet);
    running.exchange.requireMethod(packet);
    running.deadline.add(
      running.exchange.finish(packet.properties?.authenticationData).subscribe({
        next: () => {
          this.settle();
          running.caller.next();
          running.caller.complete();
        },
        error: (error: ProtocolError) => this.fail(error),
      }),
    );
  }

  close(): void {
    const { busy } = this;
    this.settle();
    busy?.error(new ConnectError('reauthenticate failed: the connection was lost'));
  }

  private run({ mechanism, data }: StartedAuth, method: string, caller: Subscriber<void>): void {
    if (mechanism.method !== method) {
      this.busy = undefined;
      const why = `the mechanism names the method ${mechanism.method}, and the connection was made with ${method}`;
      caller.error(new MqttError(`reauthenticate failed: ${why}`, { code: ErrorCode.INVALID_OPTION }));
      return;
    }
    const { timeout = this.options.timeout } = mechanism;
    const fail = (error: ProtocolError): void => this.fail(error);
    const exchange = new AuthExchange(mechanism, { send: (packet) => this.port.send(packet), fail });
    const deadline = safeTimer(timeout).subscribe(() => {
      const cause = new TimeoutError(`re-authentication by ${method} took longer than ${timeout} ms`);
      fail(new ProtocolError(cause.message, { code: ErrorCode.TIMEOUT, reasonCode: 0x80, cause }));
    });
    this.running = { exchange, caller, deadline };
    // [MQTT-4.12.1-1]
    this.port.send(authPacket(0x19, method, data));
  }

  private fail(error: ProtocolError): void {
    const { busy } = this;
    this.settle();
    busy?.error(error.cause instanceof TimeoutError ? error.cause : error);
    this.failures.error(error);
  }

  private settle(): void {
    this.running?.exchange.stop();
    this.running?.deadline.unsubscribe();
    this.running = undefined;
    this.busy = undefined;
  }
}
