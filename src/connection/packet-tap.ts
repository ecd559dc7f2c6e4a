import { Subject, type Observable } from 'rxjs';
import type { Packet } from '../packet/packets.js';
import { Traffic } from './traffic.js';

/** A packet on the wire. */
export interface PacketEvent {
  /** `'in'`: from the broker; `'out'`: to the broker. */
  readonly direction: 'in' | 'out';
  /** The decoded packet. */
  readonly packet: Packet;
}

/** Counts the packets of all connections of a client and shows them to the observers of `packets$`. */
export class PacketTap {
  readonly traffic = new Traffic();
  private readonly subject = new Subject<PacketEvent>();
  readonly packets$: Observable<PacketEvent> = this.subject.asObservable();

  get observed(): boolean {
    return this.subject.observed;
  }

  show(direction: 'in' | 'out', packet: Packet): void {
    this.subject.next({ direction, packet });
  }

  close(): void {
    this.subject.complete();
  }
}
