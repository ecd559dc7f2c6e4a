import type { QoS, RetainHandling, Subscription as SubscribeOptions } from '../../packet/packets.js';
import { parseShare } from '../../topic/topic-filter.js';
import { isHidden, NO_MOUNT_POINT } from '../access/mount-point.js';
import type { Recipient } from './recipient.js';
import { Route } from './route.js';

/** One filter that one recipient has subscribed to. */
export class Subscription {
  /** As the client sent it, with its mount point: UNSUBSCRIBE names it. */
  readonly filter: string;
  /** The filter that brings its messages: another one than `filter` where an interceptor has changed it. */
  readonly effective: string;
  /**
   * The share name of a shared subscription, behind the mount point: below different ones, a topic may be hidden from
   * one client and not from the other.
   */
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
    effective = requested.filter,
  ) {
    const share = parseShare(effective);
    const { mountPoint = NO_MOUNT_POINT } = recipient;
    this.filter = requested.filter;
    this.effective = effective;
    this.group = share && mountPoint + share.group;
    this.matching = share?.filter ?? effective;
    this.qos = requested.qos;
    this.noLocal = requested.noLocal ?? false;
    this.retainAsPublished = requested.retainAsPublished ?? false;
    this.retainHandling = requested.retainHandling ?? 0;
  }

  /** The topic matches, and yet is not for its recipient. */
  hides(topic: string): boolean {
    return isHidden(this.recipient.mountPoint ?? NO_MOUNT_POINT, this.matching, topic);
  }

  /** How its recipient gets topics that no other of its subscriptions matches. */
  get route(): Route {
    return (this.alone ??= new Route(this.recipient, [this]));
  }
}
