import { Observable, type Subscriber } from 'rxjs';
import type { Packet } from '../../packet/packets.js';
import { Pause, type ReadGate } from './read-gate.js';

/**
 * The packets that arrive while a CONNECT is being answered, for one observer at a time. Without an observer they wait:
 * at most the rest of a chunk, because the socket is paused.
 */
export class PacketQueue {
  private observer: Subscriber<Packet> | undefined = undefined;
  private waiting: Packet[] = [];
  private ended = false;

  /** Completes when no more packets will arrive. */
  readonly packets$ = new Observable<Packet>((subscriber) => this.attach(subscriber));

  constructor(private readonly gate: ReadGate) {}

  next(packet: Packet): void {
    if (this.observer !== undefined) {
      this.observer.next(packet);
      return;
    }
    if (this.waiting.length === 0) this.gate.close(Pause.ADMISSION);
    this.waiting.push(packet);
  }

  /** The last packet has arrived. */
  end(): void {
    this.ended = true;
    this.finish();
  }

  /** Takes all waiting packets; reading resumes when the caller has processed them. */
  take(): readonly Packet[] {
    const { waiting } = this;
    this.waiting = [];
    return waiting;
  }

  private attach(subscriber: Subscriber<Packet>): () => void {
    this.observer = subscriber;
    const waiting = this.take();
    for (const packet of waiting) this.next(packet);
    if (waiting.length > 0 && this.observer === subscriber) this.gate.open(Pause.ADMISSION);
    this.finish();
    return () => {
      if (this.observer === subscriber) this.observer = undefined;
    };
  }

  private finish(): void {
    if (this.ended && this.waiting.length === 0) this.observer?.complete();
  }
}
