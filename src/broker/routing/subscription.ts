import type { QoS, RetainHandling, Subscription as Asked } from '../../packet/packets.js';
import { parseShare } from '../../topic/topic-filter.js';
import type { Recipient } from './recipient.js';

/** One filter that one recipient has subscribed to. */
export class Subscription {
  /** As the client wrote it. */
  readonly filter: string;
  /** The share name of a shared subscription. */
  readonly group: string | undefined;
  /** What topics are held against: the filter without its share. */
  readonly matching: string;
  readonly qos: QoS;
  readonly noLocal: boolean;
  readonly retainAsPublished: boolean;
  readonly retainHandling: RetainHandling;

  constructor(
    readonly recipient: Recipient,
    asked: Asked,
    /** The subscription identifier of MQTT 5; 0 when there is none. */
    readonly identifier: number,
  ) {
    const share = parseShare(asked.filter);
    this.filter = asked.filter;
    this.group = share?.group;
    this.matching = share?.filter ?? asked.filter;
    this.qos = asked.qos;
    this.noLocal = asked.noLocal ?? false;
    this.retainAsPublished = asked.retainAsPublished ?? false;
    this.retainHandling = asked.retainHandling ?? 0;
  }
}
