import { asapScheduler } from 'rxjs';
import type { Store, StoreOperation } from './store.js';

/**
 * Batches the changes of a tick into one store write, runs the writes in order, one at a time, and reports when a
 * change is durable.
 */
export class Journal {
  /**
   * By key: only the last change of a record matters within a write, which also bounds what a slow store can
   * accumulate.
   */
  private batch = new Map<string, StoreOperation>();
  private listeners: (() => void)[] = [];
  private state: 'idle' | 'scheduled' | 'writing' | 'broken' = 'idle';

  constructor(
    private readonly store: Store,
    private readonly onFailure: (cause: unknown) => void,
  ) {}

  /** True when every change is durable and no listener waits. */
  get isClean(): boolean {
    return this.state === 'idle' && this.batch.size === 0 && this.listeners.length === 0;
  }

  put(key: string, value: Uint8Array): void {
    this.batch.set(key, { type: 'put', key, value });
    this.schedule();
  }

  delete(key: string): void {
    this.batch.set(key, { type: 'del', key });
    this.schedule();
  }

  /** Calls back, in order, once all changes so far are durable. */
  whenDurable(listener: () => void): void {
    this.listeners.push(listener);
    this.schedule();
  }

  private schedule(): void {
    if (this.state !== 'idle') return;
    this.state = 'scheduled';
    asapScheduler.schedule(() => this.write());
  }

  private write(): void {
    const { batch, listeners } = this;
    this.batch = new Map();
    this.listeners = [];
    this.state = 'writing';
    this.attempt([...batch.values()]).then(
      () => {
        this.state = 'idle';
        if (this.batch.size > 0 || this.listeners.length > 0) this.schedule();
        for (const listener of listeners) listener();
      },
      (cause: unknown) => {
        // A change that cannot be written must not be sent. Listeners stay pending, and the owner ends the session.
        this.state = 'broken';
        this.onFailure(cause);
      },
    );
  }

  /** Treats a store that throws like one that rejects. */
  private attempt(operations: readonly StoreOperation[]): Promise<void> {
    try {
      return this.store.write(operations);
    } catch (cause) {
      return Promise.reject(cause instanceof Error ? cause : new Error(String(cause), { cause }));
    }
  }
}
