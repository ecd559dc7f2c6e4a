import { catchError, defaultIfEmpty, from, map, of, take, tap, timeout, type Observable } from 'rxjs';
import { type MqttError, TimeoutError } from '../../errors.js';
import { LONGEST_TIMER } from '../../rx/clock.js';
import { HookCall, type HookContext } from './hook-call.js';
import { hookFailed } from './hook-failed.js';
import { isLater } from './is-later.js';

/** What a hook returns: the value, a promise of it, or an Observable whose first value counts. */
export type HookResult<T> = T | PromiseLike<T> | Observable<T>;

/** How the broker bears with its hooks. */
export interface HookGuard {
  /** How long a hook may take to answer, in ms. */
  readonly timeout: number;
  /** A hook threw, gave no valid answer, or took too long. */
  onFailure(error: MqttError): void;
}

/** Reports as another guard does, and remembers whether a hook failed. */
export class WatchedGuard implements HookGuard {
  hasFailed = false;

  constructor(private readonly guard: HookGuard) {}

  get timeout(): number {
    return this.guard.timeout;
  }

  onFailure(error: MqttError): void {
    this.hasFailed = true;
    this.guard.onFailure(error);
  }
}

/** One question to one hook. */
export interface Question<Request, Outcome> {
  /** The option's name, for error messages. */
  readonly name: string;
  readonly request: Request;
  /** Turns the answer into the outcome. @throws TypeError for an answer that the hook may not give. */
  read(answer: unknown): Outcome;
  /** The outcome when the hook fails. */
  readonly failure: Outcome;
}

/**
 * Asks a hook. Whatever it gives, throws or never gives has an outcome: at once when it answers directly, which saves a
 * promise and an Observable. The Observable emits once and never errors; unsubscribing tells the hook by its signal, or
 * unsubscribes from the Observable that it returned.
 */
export function askHook<Request, Outcome>(
  hook: (request: Request, context: HookContext) => unknown,
  question: Question<Request, Outcome>,
  guard: HookGuard,
): Outcome | Observable<Outcome> {
  const call = new HookCall();
  try {
    const answer = hook(question.request, call);
    if (!isLater(answer)) return outcomeOf(answer, question, guard);
    return withSignal(answered(answer, guard.timeout), call).pipe(
      map((value) => outcomeOf(value, question, guard)),
      catchError((cause: unknown) => of(failed(question, guard, cause, lateness(cause)))),
    );
  } catch (cause) {
    return failed(question, guard, cause);
  }
}

/** Asks a hook that must answer at once, because it is asked in the turn in which a message leaves. */
export function askAtOnce<Request, Outcome>(
  hook: (request: Request) => unknown,
  question: Question<Request, Outcome>,
  guard: HookGuard,
): Outcome {
  try {
    const answer = hook(question.request);
    if (!isLater(answer)) return outcomeOf(answer, question, guard);
    const why = ignored(answer);
    return failed(question, guard, new TypeError(why), why);
  } catch (cause) {
    return failed(question, guard, cause);
  }
}

function outcomeOf<Request, Outcome>(answer: unknown, question: Question<Request, Outcome>, guard: HookGuard): Outcome {
  try {
    return question.read(answer);
  } catch (cause) {
    return failed(question, guard, cause, cause instanceof TypeError ? cause.message : undefined);
  }
}

/** @param why - what went wrong in our own words, if it can be said. */
function failed<Request, Outcome>(
  { name, request, failure }: Question<Request, Outcome>,
  guard: HookGuard,
  cause: unknown,
  why?: string,
): Outcome {
  guard.onFailure(hookFailed(name, request, cause, why));
  return failure;
}

/** The words of an answer that did not come in time; what a hook throws has none of ours. */
function lateness(cause: unknown): string | undefined {
  return cause instanceof TimeoutError ? cause.message : undefined;
}

/** A rejection that comes later must not end the process. */
function ignored(answer: PromiseLike<unknown> | Observable<unknown>): string {
  from(answer)
    .subscribe({ error: () => undefined })
    .unsubscribe();
  return 'it answers later; decide at once';
}

/** The first value of an answer that comes later; undefined when there is none. */
function answered(answer: PromiseLike<unknown> | Observable<unknown>, ms: number): Observable<unknown> {
  return from(answer).pipe(
    take(1),
    defaultIfEmpty<unknown, unknown>(undefined),
    timeout({
      first: Math.min(ms, LONGEST_TIMER),
      with: () => {
        throw new TimeoutError(`no answer within ${ms} ms; see limits.hookTimeout`);
      },
    }),
  );
}

function withSignal(answer$: Observable<unknown>, call: HookCall): Observable<unknown> {
  return answer$.pipe(
    tap({
      next: () => call.answered(),
      finalize: () => call.abort(),
    }),
  );
}
