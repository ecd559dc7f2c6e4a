import type { QoS, RetainHandling, Subscription as SubscribeOptions } from '../../packet/packets.js';
import { parseShare } from '../../topic/topic-filter.js';
import type { Recipient } from './recipient.js';
import { Route } from './route.js';

/** One filter that one recipient has subscribed to. */
export class Subscription {
  /** As the client sent it. */
  readonly filter: string;
  /** The share name of a shared subscription. */
  readonly group: string | undefined;
  /** The filter to match topics with: without its share. */
  readonly matching: string;
  readonly qos: QoS;
  readonly noLocal: boolean;
  readonly retainAsPublished: boolean;
  readonly retainHandling: RetainHandling;
  /** Its number in the index. */
  number = 0;
  private alone: Route | undefined = undefined;

  constructor(
    readonly recipient: Recipient,
    requested: SubscribeOptions,
    /** The subscription identifier of MQTT 5; 0 when there is none. */
    readonly identifier: number,
  ) {
    const share = parseShare(requested.filter);
    this.filter = requested.filter;
    this.group = share?.group;
    this.matching = share?.filter ?? requested.filter;
    this.qos = requested.qos;
    this.noLocal = requested.noLocal ?? false;
    this.retainAsPublished = requested.retainAsPublished ?? false;
    this.retainHandling = requested.retainHandling ?? 0;
  }

  /** How its recipient gets topics that no other of its subscriptions matches. */
  get route(): Route {
    return (this.alone ??= new Route(this.recipient, [this]));
  }
}
