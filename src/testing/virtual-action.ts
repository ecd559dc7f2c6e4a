import { Subscription, type SchedulerAction } from 'rxjs';
import type { Timed } from './timer-heap.js';

/** Where an action waits until it is due. */
export interface ActionQueue {
  enqueue(action: VirtualAction, delay: number): void;
  dequeue(action: VirtualAction): void;
}

/** Work that is scheduled in virtual time, and may schedule itself again, as RxJS's own actions do. */
export class VirtualAction extends Subscription implements SchedulerAction<unknown>, Timed {
  due = 0;
  order = -1;
  at = -1;
  /** It waits among what is asap. */
  immediate = false;
  /** Of the last time that it was scheduled. */
  delay = -1;
  private state: unknown = undefined;

  constructor(
    private readonly queue: ActionQueue,
    private readonly work: (this: SchedulerAction<unknown>, state?: unknown) => void,
    /** Asap where the delay is 0, as those of `asapScheduler` are. */
    readonly asap: boolean,
    /** Where it was scheduled; its stack names the line. */
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
