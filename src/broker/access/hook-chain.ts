import { isObservable, type Observable } from 'rxjs';
import { andThen } from './and-then.js';
import { askHook, type HookGuard, type HookResult } from './ask-hook.js';
import type { HookContext } from './hook-call.js';

/**
 * The decision of a hook.
 * - `true` or `'allow'`: yes, and no other hook is asked.
 * - `false` or `'deny'`: no, with the usual reason code.
 * - a number from 0x80: no, with that reason code.
 * - `'next'` or nothing: the next hook decides; without one, the answer is no.
 *
 * A hook that throws, gives anything else, or gives nothing within `limits.hookTimeout` has not decided: the answer is
 * "not now" (0x88 to CONNECT, 0x83 otherwise), no other hook is asked, and `faults$` tells why.
 */
export type Decision = boolean | 'allow' | 'deny' | 'next' | number | undefined;

/** One hook. */
export type Authorizer<Request, Answer = Decision> = (request: Request, context: HookContext) => HookResult<Answer>;

/** One hook, or several that are asked in turn. */
export type AuthorizerChain<Request, Answer = Decision> =
  Authorizer<Request, Answer> | readonly Authorizer<Request, Answer>[];

/** The reason codes of a chain. */
export interface ChainCodes {
  /** Of a plain no. */
  readonly denial: number;
  /** Of a hook that failed. */
  readonly failure: number;
}

/** Asks one chain of hooks; made once for each chain of a broker. */
export class HookChain<Request, Yes extends object = never> {
  private readonly hooks: readonly Authorizer<Request, unknown>[];

  /**
   * @param name - the option's name, for error messages.
   * @param readYes - reads an object that says yes and more. Default: no object is an answer.
   */
  constructor(
    private readonly name: string,
    chain: AuthorizerChain<Request, unknown>,
    private readonly codes: ChainCodes,
    private readonly guard: HookGuard,
    private readonly readYes?: (answer: object) => Yes,
  ) {
    this.hooks = typeof chain === 'function' ? [chain] : chain;
  }

  /**
   * The reason code, 0 for a plain yes, or what a hook said beside its yes: directly when every hook answers directly.
   * The Observable never errors.
   */
  decide(request: Request, guard = this.guard): number | Yes | Observable<number | Yes> {
    return this.ask(request, 0, guard);
  }

  private ask(request: Request, from: number, guard: HookGuard): number | Yes | Observable<number | Yes> {
    const { name } = this;
    const question = { name, request, read: this.read, failure: this.codes.failure };
    for (let at = from; at < this.hooks.length; at++) {
      const answer = askHook<Request, number | Yes | undefined>(
        this.hooks[at] as Authorizer<Request, unknown>,
        question,
        guard,
      );
      if (isObservable(answer)) return andThen(answer, (found) => found ?? this.ask(request, at + 1, guard));
      if (answer !== undefined) return answer;
    }
    return this.codes.denial;
  }

  /** The reason code of an answer, or what it says beside its yes; undefined when the next hook decides. */
  private readonly read = (answer: unknown): number | Yes | undefined => {
    switch (answer) {
      case true:
      case 'allow':
        return 0;
      case false:
      case 'deny':
        return this.codes.denial;
      case 'next':
      case undefined:
        return undefined;
    }
    if (typeof answer === 'number' && answer >= 0x80 && answer <= 0xff) return answer;
    if (this.readYes !== undefined && typeof answer === 'object' && answer !== null) return this.readYes(answer);
    throw new TypeError(`it answered ${kindOf(answer)}; give true, false, 'next' or a reason code from 0x80`);
  };
}

/** The kind of answer, without its content. */
function kindOf(answer: unknown): string {
  return answer === null || typeof answer === 'number' ? String(answer) : `a value of type ${typeof answer}`;
}
