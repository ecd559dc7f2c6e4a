import { Observable, type Subscriber } from 'rxjs';
import type { Packet } from '../../packet/packets.js';

/**
 * The packets that come while a CONNECT is being answered, for one observer at a time. What comes while there is none
 * waits: that is no more than the rest of a chunk, because the socket is not read meanwhile.
 */
export class PacketQueue {
  private observer: Subscriber<Packet> | undefined = undefined;
  private waiting: Packet[] = [];
  private ended = false;

  /** Completes when nothing more will come. */
  readonly packets$ = new Observable<Packet>((subscriber) => this.attach(subscriber));

  /** @param flow - stops and restarts the reading of the socket. */
  constructor(private readonly flow: { pause(): void; resume(): void }) {}

  next(packet: Packet): void {
    if (this.observer !== undefined) {
      this.observer.next(packet);
      return;
    }
    if (this.waiting.length === 0) this.flow.pause();
    this.waiting.push(packet);
  }

  /** The last packet has come. */
  end(): void {
    this.ended = true;
    this.finish();
  }

  /** Everything that waits; reading goes on when the caller has dealt with it. */
  take(): readonly Packet[] {
    const { waiting } = this;
    this.waiting = [];
    return waiting;
  }

  private attach(subscriber: Subscriber<Packet>): () => void {
    this.observer = subscriber;
    const waiting = this.take();
    for (const packet of waiting) this.next(packet);
    if (waiting.length > 0 && this.observer === subscriber) this.flow.resume();
    this.finish();
    return () => {
      if (this.observer === subscriber) this.observer = undefined;
    };
  }

  private finish(): void {
    if (this.ended && this.waiting.length === 0) this.observer?.complete();
  }
}
