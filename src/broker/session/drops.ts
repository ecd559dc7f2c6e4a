import { ErrorCode, type MqttError } from '../../errors.js';
import type { PublishObserver } from '../../session/outgoing-publish.js';
import type { BrokerCounters } from '../counters.js';

/** Counts lost QoS 1 and 2 messages. */
export class Drops implements PublishObserver {
  constructor(protected readonly counters: BrokerCounters) {}

  next(): void {
    // Deliveries are counted where they are written.
  }

  complete(): void {
    // See `next`.
  }

  error({ code }: MqttError): void {
    if (code === ErrorCode.PACKET_TOO_LARGE) this.counters.droppedTooLarge++;
    else if (code === ErrorCode.EXPIRED) this.counters.droppedExpired++;
    else if (code === ErrorCode.QUEUE_FULL) this.counters.droppedQueueFull++;
  }
}

/** Also counts the queued QoS 0 messages of one session. */
export class WaitingQoS0 extends Drops {
  count = 0;

  override next(): void {
    this.count--;
  }

  override error(error: MqttError): void {
    this.count--;
    if (error.code === ErrorCode.QUEUE_FULL) this.counters.droppedQoS0++;
    else super.error(error);
  }
}
