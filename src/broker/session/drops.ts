import { ErrorCode, type MqttError } from '../../errors.js';
import type { PublishObserver } from '../../session/outgoing-publish.js';
import type { BrokerCounters } from '../counters.js';

/** Counts the QoS 1 and 2 messages that come to nothing. */
export class Drops implements PublishObserver {
  constructor(private readonly counters: BrokerCounters) {}

  next(): void {
    // What was delivered is counted where it was written.
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

/** Counts the QoS 0 messages of one session that wait as well. */
export class WaitingQoS0 extends Drops {
  count = 0;

  override next(): void {
    this.count--;
  }

  override error(error: MqttError): void {
    this.count--;
    super.error(error);
  }
}
