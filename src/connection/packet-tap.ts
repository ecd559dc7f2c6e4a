import type { Packet } from '../packet/packets.js';
import { Broadcast } from '../rx/broadcast.js';
import { Traffic } from './traffic.js';

/** A packet on the wire. */
export interface PacketEvent {
  /** `'in'`: from the broker; `'out'`: to the broker. */
  readonly direction: 'in' | 'out';
  /** The decoded packet. */
  readonly packet: Packet;
}

/** The traffic of all connections of a client: counters, and the packets while they are observed. */
export class PacketTap {
  readonly traffic = new Traffic();
  readonly packets = new Broadcast<PacketEvent>();
}
