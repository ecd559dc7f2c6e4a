import { OutgoingPublish } from '../../session/outgoing-publish.js';
import type { Sender } from '../../session/sender.js';
import type { BrokerCounters } from '../counters.js';
import type { FanOut } from '../routing/fan-out.js';
import type { Grant } from '../routing/recipient.js';
import type { ClientPort } from './client-port.js';
import { WaitingQoS0 } from './drops.js';
import type { QueueLimits } from './queue-limits.js';

/** The queue that QoS 0 messages wait in. */
interface Queue {
  readonly sender: Sender;
  readonly queue: QueueLimits;
  hasRoomFor(bytes: number): boolean;
}

/** QoS 0 messages of one session: sent at once or, while the socket is full, queued within a bound of their own. */
export class QoS0Lane {
  private waiting: WaitingQoS0 | undefined = undefined;

  constructor(
    private readonly queue: Queue,
    private readonly counters: BrokerCounters,
  ) {}

  deliver(fanOut: FanOut, { retain, properties }: Grant, port: ClientPort): void {
    const { message } = fanOut;
    const count = this.waiting?.count ?? 0;
    const flows = !port.congested && count === 0;
    if (
      flows &&
      !retain &&
      port.acceptsPreEncoded &&
      properties === message.properties &&
      fanOut.acceptedAt === undefined
    ) {
      port.publishPreEncoded(fanOut);
      return;
    }
    const { counters, queue } = this;
    this.waiting ??= new WaitingQoS0(counters);
    const payload = flows ? message.payload : fanOut.kept;
    const outgoing = new OutgoingPublish(message.topic, payload, 0, retain, properties, this.waiting);
    outgoing.acceptedAt = fanOut.acceptedAt;
    if (!flows && (count >= queue.queue.queuedQoS0 || !queue.hasRoomFor(outgoing.bytes))) {
      counters.droppedQoS0++;
      return;
    }
    this.waiting.count++;
    if (flows) queue.sender.sendUnqueued(outgoing);
    else queue.sender.offer(outgoing);
  }
}
