import { catchError, from, isObservable, map, of, take, type Observable } from 'rxjs';
import { ReasonCode } from '../../packet/reason-codes.js';
import type { HookResult } from './hook-chain.js';
import type { AuthenticateRequest } from './requests.js';

/** One step of an enhanced authentication, as the client sent it (section 4.12). */
export interface AuthenticationStep extends AuthenticateRequest {
  readonly method: string;
  readonly data: Uint8Array | undefined;
  /** A connected client re-authenticates. */
  readonly again: boolean;
  /** Shared by all steps of one exchange, for whatever the method must remember. */
  readonly memory: Map<string, unknown>;
}

/**
 * The answer to a step: `continue`, with data for the client; `success`, perhaps with final data; or a refusal: a
 * reason code from 0x80, or `false` for 0x87.
 */
export type AuthenticationAnswer =
  { readonly status: 'continue' | 'success'; readonly data?: Uint8Array | undefined } | number | false;

export type EnhancedAuthenticator = (step: AuthenticationStep) => HookResult<AuthenticationAnswer>;

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

  /** Emits the outcome of one step. A hook that fails has decided nothing: the client may come again. */
  next(data: Uint8Array | undefined): Observable<Outcome> {
    const { request, method, again, memory } = this;
    // DISCONNECT, which ends a re-authentication, has no 0x88.
    const failure = again ? ReasonCode.IMPLEMENTATION_SPECIFIC_ERROR : ReasonCode.SERVER_UNAVAILABLE;
    try {
      const answer = this.authenticator({ ...request, method, data, again, memory });
      if (isObservable(answer) || (typeof answer === 'object' && 'then' in answer)) {
        return from(answer).pipe(
          take(1),
          map(outcomeOf),
          catchError(() => of(outcomeOf(failure))),
        );
      }
      return of(outcomeOf(answer));
    } catch {
      return of(outcomeOf(failure));
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
