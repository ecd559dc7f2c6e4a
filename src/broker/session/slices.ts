import { asyncScheduler, type Subscription } from 'rxjs';
import { Fifo } from '../../fifo.js';

/** Pieces of work in one turn, of all tasks together. */
const PIECES_A_TURN = 32;
/** Pieces of one task before another one is next. */
const PIECES_A_TASK = 4;
/** ms from one turn to the next. */
const PAUSE = 2;

/** A task that does its work in pieces, until {@link Slices.mayGoOn} says no. */
export interface SlicedTask {
  /** Does some more. */
  proceed(): void;
}

/** Long work of many sessions, a little of each at a time, so that it holds up nothing else. */
export class Slices {
  private readonly waiting = new Fifo<SlicedTask>();
  private left = PIECES_A_TURN;
  private ofTask = PIECES_A_TASK;
  private timer: Subscription | undefined = undefined;

  /** Counts a piece of work. After a no, the task stops: it is told to proceed in its turn. */
  mayGoOn(task: SlicedTask): boolean {
    this.timer ??= asyncScheduler.schedule(() => this.nextTurn(), PAUSE);
    if (--this.left >= 0 && --this.ofTask >= 0) return true;
    this.waiting.push(task);
    return false;
  }

  close(): void {
    this.timer?.unsubscribe();
    this.waiting.drain();
  }

  private nextTurn(): void {
    this.timer = undefined;
    this.left = PIECES_A_TURN;
    while (this.left > 0 && this.waiting.size > 0) {
      this.ofTask = PIECES_A_TASK;
      this.waiting.shift()?.proceed();
    }
    this.ofTask = PIECES_A_TASK;
    if (this.waiting.size > 0) this.timer ??= asyncScheduler.schedule(() => this.nextTurn(), PAUSE);
  }
}
