import { catchError, defaultIfEmpty, from, isObservable, of, switchMap, take, type Observable } from 'rxjs';

/** What a hook returns: the value, a promise of it, or an Observable whose first value counts. */
export type HookResult<T> = T | PromiseLike<T> | Observable<T>;

/**
 * The decision of a hook.
 * - `true` or `'allow'`: yes, and no other hook is asked.
 * - `false` or `'deny'`: no, with the usual reason code.
 * - a number from 0x80: no, with that reason code.
 * - `'next'` or nothing: the next hook decides; without one, the answer is no.
 */
export type Decision = boolean | 'allow' | 'deny' | 'next' | number | undefined;

/** One hook, or several that are asked in turn. */
export type AuthorizerChain<Request> =
  ((request: Request) => HookResult<Decision>) | readonly ((request: Request) => HookResult<Decision>)[];

/** Asks one chain of hooks; made once for each chain of a broker. */
export class HookChain<Request> {
  private readonly hooks: readonly ((request: Request) => HookResult<Decision>)[];

  /**
   * @param denial - the reason code of a plain no.
   * @param failure - that of a hook which fails: its data base is away, and so it has decided nothing.
   */
  constructor(
    chain: AuthorizerChain<Request>,
    private readonly denial: number,
    private readonly failure: number,
  ) {
    this.hooks = typeof chain === 'function' ? [chain] : chain;
  }

  /**
   * The reason code, 0 for yes. Returns it directly when every hook answers directly, which saves a promise and an
   * Observable. A hook that throws, or whose answer fails, gives the code of a failure.
   */
  decide(request: Request): number | Observable<number> {
    return this.ask(request, 0);
  }

  private ask(request: Request, index: number): number | Observable<number> {
    for (let at = index; at < this.hooks.length; at++) {
      let answer: HookResult<Decision>;
      try {
        answer = this.hooks[at]?.(request);
      } catch {
        return this.failure;
      }
      if (isLater(answer)) return this.later(answer, request, at + 1);
      const code = this.codeOf(answer);
      if (code !== undefined) return code;
    }
    return this.denial;
  }

  private later(
    answer: PromiseLike<Decision> | Observable<Decision>,
    request: Request,
    next: number,
  ): Observable<number> {
    return from(answer).pipe(
      take(1),
      defaultIfEmpty<Decision, Decision>('next'),
      switchMap((decision) => {
        const code = this.codeOf(decision) ?? this.ask(request, next);
        return typeof code === 'number' ? of(code) : code;
      }),
      catchError(() => of(this.failure)),
    );
  }

  private codeOf(decision: Decision): number | undefined {
    switch (decision) {
      case true:
      case 'allow':
        return 0;
      case false:
      case 'deny':
        return this.denial;
      case 'next':
      case undefined:
        return undefined;
      default:
        return decision >= 0x80 && decision <= 0xff ? decision : this.denial;
    }
  }
}

function isLater(answer: HookResult<Decision>): answer is PromiseLike<Decision> | Observable<Decision> {
  return typeof answer === 'object' && (isObservable(answer) || 'then' in answer);
}
