import { isObservable, type Observable } from 'rxjs';
import { ReasonCode } from '../../packet/reason-codes.js';
import { andThen } from './and-then.js';
import { askAtOnce, askHook, type HookGuard } from './ask-hook.js';
import type { HookContext } from './hook-call.js';

/** The hook of one interceptor. */
type Hook<Request> = (request: Request, context: HookContext) => unknown;

/** One interceptor, until it is taken away. */
interface Entry<Request> {
  readonly hook: Hook<Request>;
  removed: boolean;
}

/**
 * Makes the changed request of an answer that is neither nothing nor a refusal.
 * @throws TypeError for an answer that cannot be used.
 */
export type ReadChange<Request> = (answer: unknown, request: Request) => Request;

/**
 * The interceptors of one event, in the order in which they were added: each sees what the one before has made of it.
 */
export class InterceptorChain<Request extends object> {
  /** Replaced as a whole: interceptors come and go while others are asked. */
  private entries: readonly Entry<Request>[] = [];

  /**
   * @param name - in messages, such as `intercept.publish`.
   * @param failure - the reason code where an interceptor fails.
   */
  constructor(
    private readonly name: string,
    private readonly failure: number,
    private readonly guard: HookGuard,
  ) {}

  get isEmpty(): boolean {
    return this.entries.length === 0;
  }

  /** @returns takes it away again. */
  add(hook: Hook<Request>): () => void {
    const entry: Entry<Request> = { hook, removed: false };
    this.entries = [...this.entries, entry];
    return () => {
      entry.removed = true;
      this.entries = this.entries.filter((one) => one !== entry);
    };
  }

  /**
   * The outcome of a request: itself, a changed one, or the reason code of a refusal; directly when all answer
   * directly. The Observable never errors.
   */
  run(
    request: Request,
    read: ReadChange<Request>,
    guard = this.guard,
  ): Request | number | Observable<Request | number> {
    return this.ask(this.entries, 0, request, read, guard);
  }

  /** The same of interceptors that must answer at once. */
  runAtOnce(request: Request, read: ReadChange<Request>): Request | number {
    let current = request;
    for (const { hook, removed } of this.entries) {
      if (removed) continue;
      const outcome = askAtOnce(hook as (request: Request) => unknown, this.questionOf(current, read), this.guard);
      if (typeof outcome === 'number') return outcome;
      current = outcome;
    }
    return current;
  }

  private ask(
    entries: readonly Entry<Request>[],
    from: number,
    request: Request,
    read: ReadChange<Request>,
    guard: HookGuard,
  ): Request | number | Observable<Request | number> {
    let current = request;
    for (let at = from; at < entries.length; at++) {
      const { hook, removed } = entries[at] as Entry<Request>;
      if (removed) continue;
      const outcome = askHook<Request, Request | number>(hook, this.questionOf(current, read), guard);
      if (isObservable(outcome)) {
        return andThen(outcome, (found) =>
          typeof found === 'number' ? found : this.ask(entries, at + 1, found, read, guard),
        );
      }
      if (typeof outcome === 'number') return outcome;
      current = outcome;
    }
    return current;
  }

  private questionOf(
    request: Request,
    read: ReadChange<Request>,
  ): { name: string; request: Request; read: (answer: unknown) => Request | number; failure: Request | number } {
    const { name, failure } = this;
    return { name, request, read: (answer) => outcomeOf(answer, request, read), failure };
  }
}

function outcomeOf<Request>(answer: unknown, request: Request, read: ReadChange<Request>): Request | number {
  if (answer === undefined) return request;
  if (answer === false) return ReasonCode.NOT_AUTHORIZED;
  if (typeof answer === 'number' && answer >= 0x80 && answer <= 0xff) return answer;
  if (typeof answer === 'object' && answer !== null) return read(answer, request);
  throw new TypeError('it answered neither a change, nor false or a reason code from 0x80, nor nothing');
}
