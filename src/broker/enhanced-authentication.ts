import { catchError, from, isObservable, map, Observable, of, take, type Subscription } from 'rxjs';
import { ProtocolError } from '../errors.js';
import type { AuthPacket } from '../packet/packets.js';
import { encode } from '../packet/encode.js';
import { ReasonCode } from '../packet/reason-codes.js';
import type { Arrival } from './arrival.js';
import type { AuthenticateRequest } from './authorize.js';
import type { Client } from './client.js';
import type { Answer } from './decide.js';

/** What the client said in one step of an enhanced authentication (section 4.12). */
export interface AuthenticationStep extends AuthenticateRequest {
  readonly method: string;
  readonly data: Uint8Array | undefined;
  /** A connected client proves itself anew. */
  readonly again: boolean;
  /** Kept from step to step of one exchange, for whatever the method has to remember. */
  readonly memory: Map<string, unknown>;
}

/**
 * The answer to a step: go on, with data for the client; success, perhaps with last data; or a reason code from 0x80 on,
 * or `false` for 0x87, that ends the attempt.
 */
export type AuthenticationAnswer =
  { readonly status: 'continue' | 'success'; readonly data?: Uint8Array | undefined } | number | false;

export type EnhancedAuthenticator = (step: AuthenticationStep) => Answer<AuthenticationAnswer>;

/** How an exchange ended. */
export interface Authenticated {
  /** 0 for success. */
  readonly reasonCode: number;
  readonly data: Uint8Array | undefined;
}

interface Outcome extends Authenticated {
  readonly goesOn: boolean;
}

/** One exchange with one client, from its first data to success or refusal. */
export class AuthenticationExchange {
  private readonly memory = new Map<string, unknown>();

  constructor(
    private readonly authenticator: EnhancedAuthenticator,
    private readonly request: AuthenticateRequest,
    readonly method: string,
    private readonly again: boolean,
  ) {}

  /** Emits the outcome of one step; a hook that fails refuses. */
  next(data: Uint8Array | undefined): Observable<Outcome> {
    const { request, method, again, memory } = this;
    try {
      const answer = this.authenticator({ ...request, method, data, again, memory });
      if (isObservable(answer) || (typeof answer === 'object' && 'then' in answer)) {
        return from(answer).pipe(
          take(1),
          map(outcomeOf),
          catchError(() => of(outcomeOf(false))),
        );
      }
      return of(outcomeOf(answer));
    } catch {
      return of(outcomeOf(false));
    }
  }
}

function outcomeOf(answer: AuthenticationAnswer): Outcome {
  if (typeof answer === 'object') {
    return { reasonCode: 0, data: answer.data, goesOn: answer.status === 'continue' };
  }
  const reasonCode = answer !== false && answer >= 0x80 ? answer : ReasonCode.NOT_AUTHORIZED;
  return { reasonCode, data: undefined, goesOn: false };
}

/**
 * The exchange between CONNECT and CONNACK: AUTH 0x18 to and fro [MQTT-4.12.0-2] [MQTT-4.12.0-3]. Emits its end once;
 * completes without a word when the client leaves meanwhile.
 */
export function authenticateInSteps(
  { connect, connection, packets }: Arrival,
  exchange: AuthenticationExchange,
): Observable<Authenticated> {
  return new Observable((subscriber) => {
    let incoming: Subscription | undefined = undefined;
    const finish = (end: Authenticated): void => {
      // Whatever follows is for the conversation behind the CONNACK.
      incoming?.unsubscribe();
      subscriber.next(end);
      subscriber.complete();
    };
    const step = (data: Uint8Array | undefined): void => {
      subscriber.add(
        exchange.next(data).subscribe((outcome) => {
          if (!outcome.goesOn) return finish(outcome);
          encode(authPacket(0x18, exchange.method, outcome.data), connection.out, 5);
          connection.commit();
        }),
      );
    };
    incoming = packets.packets$.subscribe({
      next(packet) {
        const fits = packet.cmd === 'auth' && packet.properties?.authenticationMethod === exchange.method;
        if (fits && packet.reasonCode === 0x18) step(packet.properties?.authenticationData);
        else finish({ reasonCode: ReasonCode.PROTOCOL_ERROR, data: undefined });
      },
      error: () => subscriber.complete(),
      complete: () => subscriber.complete(),
    });
    subscriber.add(incoming);
    step(connect.properties?.authenticationData);
  });
}

/**
 * AUTH of a connected client: it begins to prove itself anew (0x19), or goes on with that (section 4.12.1). What was
 * agreed stays in force meanwhile; a refusal ends the connection [MQTT-4.12.1-2].
 * @throws ProtocolError where no method was agreed on, or another one, or no exchange goes on.
 */
export function reauthenticate(packet: AuthPacket, client: Client): Subscription {
  const { authentication } = client;
  if (authentication === undefined || packet.properties?.authenticationMethod !== authentication.method) {
    throw new ProtocolError('AUTH has no method, or not that of CONNECT', { reasonCode: 0x82 });
  }
  if ((packet.reasonCode === 0x19) === (client.exchange !== undefined)) {
    throw new ProtocolError('AUTH begins an exchange within another, or goes on with none', { reasonCode: 0x82 });
  }
  client.exchange ??= authentication.begin();
  return client.exchange.next(packet.properties.authenticationData).subscribe(({ reasonCode, data, goesOn }) => {
    if (!goesOn) client.exchange = undefined;
    if (reasonCode !== 0) return client.depart(reasonCode);
    client.port.send(authPacket(goesOn ? 0x18 : 0, authentication.method, data));
  });
}

function authPacket(reasonCode: number, method: string, data: Uint8Array | undefined): AuthPacket {
  return {
    cmd: 'auth',
    reasonCode,
    properties: { authenticationMethod: method, ...(data === undefined ? {} : { authenticationData: data }) },
  };
}
