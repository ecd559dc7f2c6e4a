import type { Acknowledger, PublishPacket } from '../packet/publish-packet.js';

/** An observer that holds a message. Once `closed`, it is not waited for any more. */
export interface Holder {
  readonly closed: boolean;
}

/** Hears that all holders of a message have acknowledged it. */
export interface AckCompletion {
  completed(pending: PendingAck): void;
}

/** One message whose acknowledgement waits: for its holders, or for the messages before it. */
export class PendingAck implements Acknowledger {
  private readonly holders: Holder[] = [];
  /** Acknowledgements that are missing. */
  private missing = 0;
  /** It no longer holds up those behind it. */
  detached = false;
  /** The first that is not 0 of those that its holders gave. */
  reasonCode = 0;

  constructor(
    /** Of the connection that saw the message last. */
    public queue: AckCompletion,
    readonly qos: 0 | 1 | 2,
    readonly packetId: number,
    /** The observers that the message was delivered to, at QoS 2. */
    public deliveredTo?: Set<Holder>,
  ) {}

  get done(): boolean {
    return this.missing === 0;
  }

  /** All of its holders have left without acknowledging it. */
  get abandoned(): boolean {
    return this.holders.every(({ closed }) => closed);
  }

  hold(holder: Holder): void {
    this.missing++;
    this.holders.push(holder);
    this.markDelivered(holder);
  }

  /** Should the message be sent again, it is not for this observer. */
  markDelivered(observer: Holder): void {
    if (this.qos === 2) (this.deliveredTo ??= new Set()).add(observer);
  }

  acknowledge(_message: PublishPacket, reasonCode = 0): void {
    if (this.reasonCode === 0) this.reasonCode = reasonCode;
    this.missing--;
    if (this.missing === 0) this.queue.completed(this);
  }
}
