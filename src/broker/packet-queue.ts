import { Observable, type Subscriber } from 'rxjs';
import type { Packet } from '../packet/packets.js';

/**
 * The packets of one connection, for one observer at a time. What comes while nobody observes waits: that is no more
 * than the rest of a chunk, because the socket is not read meanwhile.
 */
export class PacketQueue {
  private taker: Subscriber<Packet> | undefined = undefined;
  private waiting: Packet[] = [];
  private over = false;
  private failure: unknown = undefined;

  readonly packets$: Observable<Packet>;

  /** @param flow - stops and restarts the reading of the socket. */
  constructor(private readonly flow: { pause(): void; resume(): void }) {
    this.packets$ = new Observable((subscriber) => this.attach(subscriber));
  }

  next(packet: Packet): void {
    if (this.taker !== undefined) {
      this.taker.next(packet);
      return;
    }
    if (this.waiting.length === 0) this.flow.pause();
    this.waiting.push(packet);
  }

  /** The last packet has come. */
  end(failure?: unknown): void {
    if (this.over) return;
    this.over = true;
    this.failure = failure;
    this.finish();
  }

  private attach(subscriber: Subscriber<Packet>): () => void {
    this.taker = subscriber;
    const { waiting } = this;
    this.waiting = [];
    for (const packet of waiting) this.next(packet);
    if (waiting.length > 0 && this.taker === subscriber) this.flow.resume();
    this.finish();
    return () => {
      if (this.taker === subscriber) this.taker = undefined;
    };
  }

  private finish(): void {
    if (!this.over || this.taker === undefined || this.waiting.length > 0) return;
    if (this.failure === undefined) this.taker.complete();
    else this.taker.error(this.failure);
  }
}
