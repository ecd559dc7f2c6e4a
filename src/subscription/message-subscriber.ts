import type { Subscriber, Unsubscribable } from 'rxjs';
import type { QoS, RetainHandling, SubscribeProperties } from '../packet/packets.js';
import type { PublishPacket } from '../packet/publish-packet.js';
import { safeEnd } from '../rx/safe-observer.js';

/** The options of one `subscribe()` call, checked and with defaults filled in. */
export interface SubscriptionRequest {
  readonly qos: QoS;
  readonly noLocal: boolean;
  readonly retainAsPublished: boolean;
  readonly retainHandling: RetainHandling;
  readonly manualAck: boolean;
  /** How long (ms) to keep the broker's subscription after the last observer has left. */
  readonly linger: number;
  /** ms that SUBACK may take; undefined where that is left to the client. */
  readonly ackTimeout?: number | undefined;
  readonly properties: SubscribeProperties | undefined;
}

/** The identifier of a SUBSCRIBE without one. */
export const NOT_IDENTIFIED = -1;

/** One observer of one filter. Its identity is not the RxJS subscriber's, which may observe several filters. */
export class MessageSubscriber implements Unsubscribable {
  /** The generation of the filter's subscription when it joined. */
  joined = 0;
  /** The subscription identifier of the SUBSCRIBE that it caused or met; 0 before that was sent. */
  identifier = 0;

  constructor(
    readonly filter: string,
    readonly subscriber: Subscriber<PublishPacket>,
    readonly request: SubscriptionRequest,
    private readonly leave: (observer: MessageSubscriber) => void,
  ) {}

  /** The teardown of the RxJS subscriber: a closure for each would take 100 bytes more. */
  unsubscribe(): void {
    this.leave(this);
  }

  /** Errors or completes the RxJS subscriber. */
  end(error?: object): void {
    safeEnd(this.subscriber, error);
  }
}
