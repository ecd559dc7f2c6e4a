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

/** Receives the steps of an exchange. */
export interface AuthPort {
  send(packet: AuthPacket): void;
  /** The exchange has failed. */
  fail(error: ProtocolError): void;
}

/** The broker's challenges and our answers, from the first AUTH to the last (section 4.12). */
export class AuthExchange {
  private readonly challenges = new Subject<Uint8Array>();
  /** A challenge awaits its answer. */
  private asked = false;
  private answering: Subscription | undefined;

  constructor(
    private readonly mechanism: AuthMechanism,
    private readonly port: AuthPort,
  ) {}

  /**
   * Handles AUTH 0x18 (continue authentication).
   * @throws ProtocolError for another method, or if the broker is out of turn.
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

  /** The broker reports success. Emits once when the mechanism accepts the broker, otherwise errors. */
  finish(data: Uint8Array | undefined): Observable<void> {
    const { mechanism } = this;
    this.stop();
    return toObservable(() => mechanism.verify?.(data)).pipe(
      take(1),
      defaultIfEmpty(undefined),
      map((verdict) => {
        if (verdict === false) throw new Error('the broker did not prove its identity');
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
    if (!this.asked) return this.port.fail(authFailed(method, 'it sent an answer without a challenge'));
    this.asked = false;
    // [MQTT-4.12.0-3]
    this.port.send(authPacket(0x18, method, data));
  }

  private noAnswer(): ProtocolError {
    return authFailed(this.mechanism.method, 'the mechanism has no answer to a challenge of the broker');
  }
}

const OUT_OF_ORDER = { reasonCode: 0x82 } as const;

/** Our AUTH: 0x18 continues, 0x19 re-authenticates [MQTT-3.15.2-1]. */
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

/** The mechanism failed, or rejected the broker. 0x83 is a code that clients may send [MQTT-3.14.2-1]. */
export function authFailed(method: string, cause: unknown): ProtocolError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new ProtocolError(`authentication by ${method} failed: ${why}`, {
    code: ErrorCode.AUTH_FAILED,
    reasonCode: 0x83,
    cause,
  });
}
