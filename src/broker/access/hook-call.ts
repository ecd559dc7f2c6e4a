/** The second argument of a hook. */
export interface HookContext {
  /** Aborted when no answer is wanted any more: the connection is gone, or the time is up. */
  readonly signal: AbortSignal;
}

/** One call of a hook. Most hooks never look at their signal, which is therefore made on demand. */
export class HookCall implements HookContext {
  private controller: AbortController | undefined = undefined;
  private over = false;
  private aborted = false;

  get signal(): AbortSignal {
    this.controller ??= new AbortController();
    if (this.aborted) this.controller.abort();
    return this.controller.signal;
  }

  /** The answer has come: nothing is left to abort. */
  answered(): void {
    this.over = true;
  }

  abort(): void {
    if (this.over) return;
    this.over = true;
    this.aborted = true;
    this.controller?.abort();
  }
}
