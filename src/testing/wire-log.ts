import type { Packet } from '../packet/packets.js';
import { describePacket } from './describe-packet.js';

/** To the broker, to the client, or neither: the end of a connection, or a refused attempt. */
export type Way = '>' | '<' | '-';

/** One packet on the wire of a client, when the client sent or received it. */
export interface WireEvent {
  readonly at: number;
  readonly way: Way;
  readonly packet: Packet | undefined;
  /** The packet in words, with the effect of a fault: `PUBREC #1 (lost)`. */
  readonly text: string;
  /** It did not arrive. */
  readonly lost: boolean;
}

/** The effect of a fault on a packet. */
export type FaultEffect = 'lost' | 'corrupted' | 'duplicated' | 'delayed' | undefined;

/** The packets on the wire of one client, across all of its connections. */
export class WireLog {
  readonly events: WireEvent[] = [];

  constructor(private readonly now: () => number) {}

  /** Records a packet. Returns a function that marks it as lost after all. */
  packet(way: '>' | '<', packet: Packet | undefined, effect?: FaultEffect): () => void {
    const words = packet === undefined ? 'MALFORMED' : describePacket(packet);
    const textWith = (what: FaultEffect): string => (what === undefined ? words : `${words} (${what})`);
    const event = { at: this.now(), way, packet, text: textWith(effect), lost: effect === 'lost' };
    this.events.push(event);
    return () => {
      event.text = textWith('lost');
      event.lost = true;
    };
  }

  /** An attempt to connect was refused. */
  refused(): void {
    this.events.push({ at: this.now(), way: '-', packet: undefined, text: 'refused', lost: false });
  }

  closed(): void {
    this.events.push({ at: this.now(), way: '-', packet: undefined, text: 'closed', lost: false });
  }

  /** The packets that the client sent. */
  get sent(): WireEvent[] {
    return this.events.filter(({ way }) => way === '>');
  }

  /** The packets that reached the client. */
  get received(): WireEvent[] {
    return this.events.filter(({ way, lost }) => way === '<' && !lost);
  }
}

/** A row of a transcript: `9000 > PINGREQ`, `12000 closed`, `13000 refused`. */
export const row = ({ at, way, text }: WireEvent): string => (way === '-' ? `${at} ${text}` : `${at} ${way} ${text}`);

/** The rows of a transcript as a test writes them, without indentation and with single spaces. */
export const rows = (transcript: string): string[] =>
  transcript
    .split('\n')
    .map((line) => line.trim().replace(/\s+/g, ' '))
    .filter((line) => line !== '');
