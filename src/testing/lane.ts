import { Subscription } from 'rxjs';
import { afterElapsed, elapsed } from '../rx/clock.js';
import { untraced } from './trace.js';

/** A packet in transit. */
interface QueuedPacket {
  readonly due: number;
  readonly arrive: () => void;
  /** Called if it never arrives. */
  readonly lose: () => void;
}

const NOTHING = (): void => undefined;

/** One direction of a line: packets arrive in order, after the latency, and not while the line is frozen. */
export class Lane {
  private waiting: QueuedPacket[] = [];
  private timer = Subscription.EMPTY;
  private readonly late = new Map<QueuedPacket, Subscription>();
  private arriving = false;

  constructor(
    /** How long a packet travels, in ms. */
    private readonly latency: () => number,
    /** Nothing passes before this moment of {@link elapsed}. */
    private readonly frozenUntil: () => number,
  ) {}

  send(arrive: () => void, lose = NOTHING): void {
    this.waiting.push({ due: elapsed() + this.latency(), arrive, lose });
    this.pump();
  }

  /** Sends a packet that later ones overtake. */
  sendLate(ms: number, arrive: () => void, lose = NOTHING): void {
    const packet = { due: elapsed() + ms, arrive, lose };
    const sendNow = (): void => {
      this.late.delete(packet);
      this.send(arrive, lose);
    };
    this.late.set(packet, afterElapsed(ms, sendNow));
  }

  /** Loses all packets in transit, and calls their `lose`. */
  lose(): void {
    const lost = [...this.waiting, ...this.late.keys()];
    this.clear();
    for (const packet of lost) packet.lose();
  }

  /** Forgets all packets in transit. */
  clear(): void {
    this.waiting = [];
    this.timer.unsubscribe();
    for (const timer of this.late.values()) timer.unsubscribe();
    this.late.clear();
  }

  /** Delivers the packets that are due. */
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
    if (left === undefined || left === Infinity) return;
    this.timer = untraced(() => afterElapsed(left, () => this.pump()));
  }

  private dueIn(due: number): number {
    return Math.max(due, this.frozenUntil()) - elapsed();
  }
}
