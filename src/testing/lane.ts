import { Subscription } from 'rxjs';
import { afterElapsed, elapsed } from '../rx/clock.js';

/** When a lane lets something through. */
export interface LanePace {
  /** ms from one end to the other. */
  readonly latency: number;
  /** Nothing passes before this moment of {@link elapsed}. */
  readonly frozenUntil: number;
}

/** One direction of a line: what is sent arrives in order, after the latency, and not while the line is frozen. */
export class Lane {
  private readonly waiting: { readonly due: number; readonly arrive: () => void }[] = [];
  private timer = Subscription.EMPTY;
  private readonly strays = new Subscription();
  private arriving = false;

  constructor(private readonly pace: LanePace) {}

  send(arrive: () => void): void {
    this.waiting.push({ due: elapsed() + this.pace.latency, arrive });
    this.pump();
  }

  /** Arrives by so much later than the rest, which overtakes it. */
  sendLate(ms: number, arrive: () => void): void {
    this.strays.add(afterElapsed(ms, () => this.send(arrive)));
  }

  /** What is on its way is lost. */
  clear(): void {
    this.waiting.length = 0;
    this.timer.unsubscribe();
    this.strays.unsubscribe();
  }

  /** Lets through what is due. */
  pump(): void {
    if (this.arriving) return;
    this.arriving = true;
    try {
      for (let first = this.waiting[0]; first !== undefined && this.dueIn(first.due) <= 0; first = this.waiting[0]) {
        this.waiting.shift();
        first.arrive();
      }
    } finally {
      this.arriving = false;
    }
    this.timer.unsubscribe();
    const [next] = this.waiting;
    const left = next && this.dueIn(next.due);
    if (left !== undefined && left !== Infinity) this.timer = afterElapsed(left, () => this.pump());
  }

  private dueIn(due: number): number {
    return Math.max(due, this.pace.frozenUntil) - elapsed();
  }
}
