import type { Packet, PacketCommand } from '../packet/packets.js';

/**
 * Selects the packets of a fault: `'pubrec'` in either direction, `'> publish'` to the broker, `'< pubrec'` to the
 * client, or a function that decides.
 */
export type PacketMatch =
  PacketCommand | `${'>' | '<'} ${PacketCommand}` | ((packet: Packet, way: '>' | '<') => boolean);

/** A fault for the next packets that match. */
export interface Fault {
  readonly kind: 'drop' | 'duplicate' | 'delay' | 'corrupt';
  readonly match: PacketMatch;
  /** The length of a delay, in ms. */
  readonly ms: number;
  times: number;
  /** Called each time the fault happens. */
  readonly fired?: (() => void) | undefined;
}

/** The prepared faults of a line, oldest first. */
export class Faults {
  private list: Fault[] = [];

  /** @throws TypeError for a `match` that is not the name of a packet. */
  add(fault: Fault): void {
    checkMatch(fault.match);
    this.list.push(fault);
  }

  clear(): void {
    this.list = [];
  }

  /** Takes the fault for this packet. */
  take(packet: Packet, way: '>' | '<'): Fault | undefined {
    const fault = this.list.find(({ match }) => matchesPacket(match, packet, way));
    if (fault === undefined) return undefined;
    fault.fired?.();
    if (--fault.times <= 0) this.list = this.list.filter((other) => other !== fault);
    return fault;
  }
}

export function matchesPacket(match: PacketMatch, packet: Packet, way: '>' | '<'): boolean {
  if (typeof match === 'function') return match(packet, way);
  const [first, second] = match.split(' ');
  return second === undefined ? packet.cmd === first : way === first && packet.cmd === second;
}

const COMMANDS: Readonly<Record<PacketCommand, true>> = {
  connect: true,
  connack: true,
  publish: true,
  puback: true,
  pubrec: true,
  pubrel: true,
  pubcomp: true,
  subscribe: true,
  suback: true,
  unsubscribe: true,
  unsuback: true,
  pingreq: true,
  pingresp: true,
  disconnect: true,
  auth: true,
};

function checkMatch(match: PacketMatch): void {
  if (typeof match === 'function' || match.replace(/^[<>] /, '') in COMMANDS) return;
  throw new TypeError(`"${match}" names no packet; write it as 'pubrec', '> publish' or '< pubrec'`);
}

/** The packet with wrong flags, so that no peer can read it. */
export function corrupted(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  copy[0] = (copy[0] ?? 0) | 0x0f;
  return copy;
}
