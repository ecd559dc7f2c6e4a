import { Subject, type Observable } from 'rxjs';
import type { Packet } from '../packet/packets.js';

/** A packet as it passes, and which way it goes. */
export interface PacketEvent {
  readonly direction: 'in' | 'out';
  readonly packet: Packet;
}

/** Shows every packet of all connections of a client to those who look; costs nothing while nobody does. */
export class PacketTap {
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
