import { of, type Observable } from 'rxjs';
import { isBytes } from '../../bytes.js';
import { checkOptions, kindOf } from '../../options/check-options.js';
import { ReasonCode } from '../../packet/reason-codes.js';
import { askHook, type HookGuard, type HookResult } from './ask-hook.js';
import { type CheckedPrincipal, type ClientPrincipal, PRINCIPAL_CHECKS } from './client-principal.js';
import type { HookContext } from './hook-call.js';
import type { AuthenticateRequest } from './requests.js';

/** One step of an enhanced authentication, as the client sent it (section 4.12). */
export interface AuthenticationStep extends AuthenticateRequest {
  /** The authentication method, such as `SCRAM-SHA-256`. */
  readonly method: string;
  /** The authentication data of this step; undefined without any. */
  readonly data: Uint8Array | undefined;
  /** A connected client re-authenticates. */
  readonly again: boolean;
  /** Shared by all steps of one exchange, for whatever the method must remember. */
  readonly memory: Map<string, unknown>;
}

/**
 * The exchange is at its end, and the client may connect. The session belongs to its user, so give the name that the
 * method has proved. Of a client that re-authenticates, everything but `expiresAt` must be as it was.
 */
export interface AuthenticationSuccess extends Omit<ClientPrincipal, 'data'> {
  /** Ends the exchange. */
  readonly status: 'success';
  /** The last data of the method. */
  readonly data?: Uint8Array | undefined;
}

/**
 * The answer to a step: `continue`, with data for the client; `success`, perhaps with final data; or a refusal: a
 * reason code from 0x80, or `false` for 0x87.
 */
export type AuthenticationAnswer =
  { readonly status: 'continue'; readonly data?: Uint8Array | undefined } | AuthenticationSuccess | number | false;

/** Answers a step of enhanced authentication (MQTT 5): the broker's side of a mechanism such as SCRAM. */
export type EnhancedAuthenticator = (
  step: AuthenticationStep,
  context: HookContext,
) => HookResult<AuthenticationAnswer>;

export interface Authenticated {
  /** 0 for success. */
  readonly reasonCode: number;
  readonly data: Uint8Array | undefined;
  /** Who the client has proved to be, as far as the method tells. */
  readonly principal: CheckedPrincipal;
}

interface Outcome extends Authenticated {
  readonly goesOn: boolean;
}

/** Steps of one exchange: no method needs as many, and each of them costs. */
const MOST_STEPS = 32;

/** One exchange with one client, from its first data to success or refusal. */
export class AuthenticationExchange {
  private readonly memory = new Map<string, unknown>();
  private steps = 0;
  private asking = false;

  constructor(
    private readonly authenticator: EnhancedAuthenticator,
    private readonly request: AuthenticateRequest,
    readonly method: string,
    private readonly again: boolean,
    private readonly guard: HookGuard,
  ) {}

  /** The client may send its next step: the last one has been answered, and there are not too many. */
  get expectsStep(): boolean {
    return !this.asking && this.steps < MOST_STEPS;
  }

  /** Emits the outcome of one step; a hook that fails refuses (0x88). */
  next(data: Uint8Array | undefined): Observable<Outcome> {
    const { request, method, again, memory } = this;
    this.steps++;
    this.asking = true;
    const step = { ...request, method, data, again, memory };
    const question = {
      name: `enhancedAuthentication of ${method}`,
      request: step,
      read: (answer: unknown) => {
        this.asking = false;
        return outcomeOf(answer);
      },
      failure: refusal(ReasonCode.SERVER_UNAVAILABLE),
    };
    const outcome = askHook(this.authenticator, question, this.guard);
    return 'goesOn' in outcome ? of(outcome) : outcome;
  }
}

/** @throws TypeError for an answer of another shape. */
function outcomeOf(answer: unknown): Outcome {
  if (answer === false) return refusal(ReasonCode.NOT_AUTHORIZED);
  if (typeof answer === 'number' && answer >= 0x80 && answer <= 0xff) return refusal(answer);
  if (typeof answer !== 'object' || answer === null) {
    throw new TypeError(`it answered ${kindOf(answer)}; give { status }, false or a reason code from 0x80`);
  }
  const { status, data, ...rest } = answer as Record<string, unknown>;
  if (status !== 'continue' && status !== 'success') throw new TypeError("its status is not 'continue' or 'success'");
  if (data !== undefined && !isBytes(data)) throw new TypeError('its data is no Uint8Array');
  const goesOn = status === 'continue';
  const principal = goesOn ? {} : checkOptions<Omit<CheckedPrincipal, 'data'>>(rest, PROVED_CHECKS, 'its answer');
  return { reasonCode: 0, data, principal, goesOn };
}

const { data: _, ...PROVED_CHECKS } = PRINCIPAL_CHECKS;

function refusal(reasonCode: number): Outcome {
  return { reasonCode, data: undefined, principal: {}, goesOn: false };
}
