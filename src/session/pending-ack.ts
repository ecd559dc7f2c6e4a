import type { Acknowledger, PublishPacket } from '../packet/publish-packet.js';

/** An observer that holds a message, until it is `closed`. */
export interface Holder {
  readonly closed: boolean;
  /** Calls `teardown` once it is closed. */
  add(teardown: () => void): void;
}

/** Called when every holder of a message has acknowledged it. */
export interface AckCompletion {
  completed(pending: PendingAck): void;
}

/** One message whose acknowledgement waits: for its holders, or for earlier messages. */
export class PendingAck implements Acknowledger {
  private readonly holders: Holder[] = [];
  /** Outstanding acknowledgements. */
  private missing = 0;
  /** It no longer blocks later messages. */
  detached = false;
  /** The first non-zero code that a holder gave. */
  reasonCode = 0;

  constructor(
    /** The queue of the last connection that carried the message. */
    public queue: AckCompletion,
    readonly qos: 0 | 1 | 2,
    readonly packetId: number,
    /** At QoS 2, the observers that received the message. */
    public deliveredTo?: Set<object>,
  ) {}

  /** Every holder has acknowledged it. */
  get done(): boolean {
    return this.missing === 0;
  }

  /** Every holder left without acknowledging it. */
  get abandoned(): boolean {
    return this.holders.every(({ closed }) => closed);
  }

  hold(holder: Holder): void {
    this.missing++;
    this.holders.push(holder);
    this.markDelivered(holder);
  }

  /** A resend skips this observer. */
  markDelivered(observer: object): void {
    if (this.qos === 2) (this.deliveredTo ??= new Set()).add(observer);
  }

  acknowledge(_message: PublishPacket, reasonCode = 0): void {
    if (this.reasonCode === 0) this.reasonCode = reasonCode;
    this.missing--;
    if (this.missing === 0) this.queue.completed(this);
  }
}
