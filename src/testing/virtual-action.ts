import { Subscription, type SchedulerAction } from 'rxjs';
import type { HeapItem } from '../heap.js';

/** Holds actions until they are due. */
export interface ActionQueue {
  enqueue(action: VirtualAction, delay: number): void;
  dequeue(action: VirtualAction): void;
}

/** Work that is scheduled in virtual time, and may schedule itself again, as RxJS's own actions do. */
export class VirtualAction extends Subscription implements SchedulerAction<unknown>, HeapItem {
  due = 0;
  /** Among actions that are due at the same moment. */
  order = -1;
  at = -1;
  /** Whether it waits in the queue of asap work. */
  immediate = false;
  /** The delay of its last scheduling. */
  delay = -1;
  private state: unknown = undefined;

  constructor(
    private readonly queue: ActionQueue,
    private readonly work: (this: SchedulerAction<unknown>, state?: unknown) => void,
    /** Scheduled on `asapScheduler`: without a delay, it runs at the end of the tick. */
    readonly asap: boolean,
    /** Its stack names the line that scheduled it. */
    readonly origin: Error | undefined,
  ) {
    super(() => queue.dequeue(this));
  }

  schedule(state?: unknown, delay = 0): Subscription {
    if (this.closed || !Number.isFinite(delay)) return this.closed ? this : Subscription.EMPTY;
    this.state = state;
    this.queue.enqueue(this, Math.max(0, delay));
    return this;
  }

  execute(): void {
    this.work(this.state);
    // Done, unless it has scheduled itself again.
    if (this.at < 0 && !this.immediate) this.delay = -1;
  }
}
