import { type Acknowledger, type PublishPacket } from '../packet/publish-packet.js';

/** By packet identifier. */
export type UnansweredMessages = Map<number, Ticket>;

/** Whoever holds a message: once `closed`, it is not waited for any more. */
export interface Holder {
  readonly closed: boolean;
}

/** What a ticket tells that everybody who held its message has acknowledged it. */
export interface TicketLane {
  completed(ticket: Ticket): void;
}

/** One message whose acknowledgement waits: for its holders, or for those before it. */
export class Ticket implements Acknowledger {
  private readonly holders: Holder[] = [];
  private owed = 0;
  /** It no longer holds up those behind it. */
  loose = false;
  /** The first that is not 0 of those that its holders gave. */
  reasonCode = 0;

  constructor(
    /** Of the connection that saw the message last. */
    public lane: TicketLane,
    readonly qos: 0 | 1 | 2,
    readonly packetId: number,
    /** Who has seen the message, at QoS 2; those who held it stay among them. */
    public seenBy?: Set<Holder>,
  ) {}

  get done(): boolean {
    return this.owed === 0;
  }

  /** All who held it have left without a word. */
  get abandoned(): boolean {
    return this.holders.every(({ closed }) => closed);
  }

  hold(holder: Holder): void {
    this.owed++;
    this.holders.push(holder);
    this.shown(holder);
  }

  /** Should the message be sent again, it is not for this one. */
  shown(observer: Holder): void {
    if (this.qos === 2) (this.seenBy ??= new Set()).add(observer);
  }

  acknowledge(_message: PublishPacket, reasonCode = 0): void {
    if (this.reasonCode === 0) this.reasonCode = reasonCode;
    this.owed--;
    if (this.owed === 0) this.lane.completed(this);
  }
}
