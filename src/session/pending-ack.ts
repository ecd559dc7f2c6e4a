import type { Acknowledger, PublishPacket } from '../packet/publish-packet.js';

/** An observer that holds a message, until it is `closed`. */
export interface Holder {
  readonly closed: boolean;
  /** Calls `teardown` once it is closed. */
  add(teardown: () => void): void;
  /** Calls it no longer. */
  remove(teardown: () => void): void;
}

/** Called when a holder of a message has acknowledged it. */
export interface AckCompletion {
  acknowledged(pending: PendingAck): void;
}

/** One message whose acknowledgement waits: for its holders, or for earlier messages. */
export class PendingAck implements Acknowledger {
  /** The outstanding acknowledgements: the copies of the message, and their holders. */
  private readonly holders = new Map<PublishPacket, Holder>();
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
    return this.holders.size === 0;
  }

  /** The holders that have not acknowledged it have left. */
  get abandoned(): boolean {
    for (const { closed } of this.holders.values()) if (!closed) return false;
    return true;
  }

  hold(copy: PublishPacket, holder: Holder): void {
    this.holders.set(copy, holder);
    this.markDelivered(holder);
  }

  /** A resend skips this observer. */
  markDelivered(observer: object): void {
    if (this.qos === 2) (this.deliveredTo ??= new Set()).add(observer);
  }

  acknowledge(copy: PublishPacket, reasonCode = 0): void {
    if (this.reasonCode === 0) this.reasonCode = reasonCode;
    this.holders.delete(copy);
    this.queue.acknowledged(this);
  }
}
