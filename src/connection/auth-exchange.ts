import {
  catchError,
  defaultIfEmpty,
  defer,
  from,
  map,
  type Observable,
  Subject,
  type Subscription,
  take,
  throwError,
} from 'rxjs';
import { ErrorCode, ProtocolError } from '../errors.js';
import type { AuthPacket } from '../packet/packets.js';
import { toObservable } from '../rx/to-observable.js';
import { encodeUtf8 } from '../utf8.js';
import type { AuthData, AuthMechanism } from './auth-mechanism.js';

/** Where the steps of an exchange go. */
export interface AuthPort {
  send(packet: AuthPacket): void;
  /** The exchange cannot be ended well. */
  fail(error: ProtocolError): void;
}

/** The broker's challenges and our answers, from the first AUTH to the last (section 4.12). */
export class AuthExchange {
  private readonly challenges = new Subject<Uint8Array>();
  /** A challenge waits for its answer. */
  private asked = false;
  private answering: Subscription | undefined;

  constructor(
    private readonly mechanism: AuthMechanism,
    private readonly port: AuthPort,
  ) {}

  /**
   * The broker asks on, AUTH 0x18.
   * @throws ProtocolError when it is another method, or not its turn.
   */
  challenge(packet: AuthPacket): void {
    this.requireMethod(packet);
    if (this.asked) throw new ProtocolError('the broker sent AUTH before our answer to the last one', OUT_OF_ORDER);
    this.asked = true;
    this.answering ??= this.listen();
    if (this.answering.closed) return this.port.fail(this.noAnswer());
    this.challenges.next(packet.properties?.authenticationData ?? new Uint8Array(0));
  }

  /** Every AUTH names the method of CONNECT [MQTT-4.12.0-5]. */
  requireMethod(packet: AuthPacket): void {
    if (packet.properties?.authenticationMethod === this.mechanism.method) return;
    throw new ProtocolError('AUTH names another authentication method than CONNECT, or none', OUT_OF_ORDER);
  }

  /** The broker is content. Emits once when the mechanism is content with the broker, else errors. */
  finish(data: Uint8Array | undefined): Observable<void> {
    const { mechanism } = this;
    this.stop();
    return toObservable(() => mechanism.verify?.(data)).pipe(
      take(1),
      defaultIfEmpty(undefined),
      map((verdict) => {
        if (verdict === false) throw new Error('the broker did not prove who it is');
      }),
      catchError((error: unknown) => throwError(() => authFailed(mechanism.method, error))),
    );
  }

  stop(): void {
    this.answering?.unsubscribe();
  }

  private listen(): Subscription {
    const { mechanism, port, challenges } = this;
    return defer(() => from(mechanism.next?.(challenges) ?? [])).subscribe({
      next: (data) => this.answer(toAuthBytes(data)),
      error: (error: unknown) => port.fail(authFailed(mechanism.method, error)),
      complete: () => this.answering !== undefined && this.asked && port.fail(this.noAnswer()),
    });
  }

  private answer(data: Uint8Array | undefined): void {
    const { method } = this.mechanism;
    if (!this.asked) return this.port.fail(authFailed(method, 'it answered where nothing was asked'));
    this.asked = false;
    // [MQTT-4.12.0-3]
    this.port.send(authPacket(0x18, method, data));
  }

  private noAnswer(): ProtocolError {
    return authFailed(this.mechanism.method, 'the broker asks, and the mechanism has no answer');
  }
}

const OUT_OF_ORDER = { reasonCode: 0x82 } as const;

/** An AUTH of ours: 0x18 goes on, 0x19 begins anew [MQTT-3.15.2-1]. */
export function authPacket(reasonCode: 0x18 | 0x19, method: string, data: Uint8Array | undefined): AuthPacket {
  return {
    cmd: 'auth',
    reasonCode,
    properties: {
      authenticationMethod: method,
      ...(data === undefined ? undefined : { authenticationData: data }),
    },
  };
}

export function toAuthBytes(data: AuthData): Uint8Array | undefined {
  return typeof data === 'string' ? encodeUtf8(data) : data;
}

/** The mechanism gave up, or rejects the broker: reason code 0x83 is one that a client may say [MQTT-3.14.2-1]. */
export function authFailed(method: string, cause: unknown): ProtocolError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new ProtocolError(`authentication by ${method} failed: ${why}`, {
    code: ErrorCode.AUTH_FAILED,
    reasonCode: 0x83,
    cause,
  });
}
