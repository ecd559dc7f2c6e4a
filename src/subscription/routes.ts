import type { IncomingTopics } from '../packet/incoming-topics.js';
import type { PublishPacket } from '../packet/publish-packet.js';
import { BoundedCache } from '../topic/bounded-cache.js';
import type { Membership } from './membership.js';
import type { MessageHandler } from './message-observer.js';
import type { SubscriptionEntry } from './subscription-entry.js';

/** Routes that are remembered, however few filters there are, and however many; powers of two. */
const FEWEST = 1 << 6;
const MOST = 1 << 17;

/** Topics without a number whose routes are remembered. */
const UNNUMBERED = 1024;

/** What the topic of a message leads to. */
export interface Route {
  /** What takes every live message of the topic as it is: the function of an observer that is alone. */
  readonly handler: MessageHandler | undefined;
  /** One membership an observer: through the oldest of the filters that match. */
  readonly members: readonly Membership[];
  /** The filters that match, observed or not. */
  readonly entries: readonly SubscriptionEntry[];
  /** More than one filter matches, so that a broker may send more than one copy. */
  readonly overlapping: boolean;
  /** Somebody among them acknowledges by hand. */
  readonly manual: boolean;
  /** What the entries that match have noted of the topic: nothing, a live message, a retained one. */
  noted: 0 | 1 | 2;
}

/**
 * Remembers where topics lead to, by the number of the topic. Where very many topics have an observer each, what a
 * message costs is the misses of the processor's cache: so there is no object between the number and the function of
 * that observer, and they stand side by side.
 */
export class Routes {
  /** Pairs, by the number of the topic modulo the capacity: that number and a function, or its negative and a route. */
  private pairs: (number | MessageHandler | Route)[] = [0, 0];
  private capacity = FEWEST;
  /** Of topics without a number. */
  private readonly unnumbered = new BoundedCache<string, Route>(UNNUMBERED);
  /** Routes that had to make way for others since the last growth. */
  private displaced = 0;
  private isEmpty = true;
  /** How often topics to come had been looked at when the last message came. */
  private looks = 0;
  /** Kept because what makes no difference would not be looked at. */
  near = 0;

  /** There will be as many, and room for them once they come. */
  reserve(count: number): void {
    if (count > this.capacity && this.capacity < MOST) this.capacity *= 2;
  }

  /** Brings what topics to come lead to near, where they were looked at since the last message. */
  foresee(topics: IncomingTopics): void {
    if (topics.looks === this.looks) return;
    this.looks = topics.looks;
    this.approach(topics);
  }

  /** For all of them at once, instead of one after the other. */
  private approach({ ids, count }: IncomingTopics): void {
    const { pairs } = this;
    const last = pairs.length - 1;
    let found = 0;
    for (let at = 0; at < count; at++)
      if (typeof pairs[(((ids[at] as number) << 1) & last) + 1] === 'function') found++;
    this.near = found;
  }

  handlerOf({ topicId }: PublishPacket): MessageHandler | undefined {
    const at = this.placeOf(topicId);
    return topicId !== 0 && this.pairs[at] === topicId ? (this.pairs[at + 1] as MessageHandler) : undefined;
  }

  /** The route of a topic for which there is no function. */
  get({ topic, topicId }: PublishPacket): Route | undefined {
    if (topicId === 0) return this.unnumbered.get(topic);
    const at = this.placeOf(topicId);
    return this.pairs[at] === -topicId ? (this.pairs[at + 1] as Route) : undefined;
  }

  set({ topic, topicId }: PublishPacket, route: Route): void {
    this.isEmpty = false;
    if (topicId === 0) {
      this.unnumbered.set(topic, route);
      return;
    }
    const present = Math.abs(this.pairs[this.placeOf(topicId)] as number);
    if (present !== 0 && present !== topicId && ++this.displaced > this.capacity) this.reserve(Infinity);
    if (this.pairs.length < 2 * this.capacity) this.grow();
    const at = this.placeOf(topicId);
    this.pairs[at] = -topicId;
    this.pairs[at + 1] = route;
  }

  /** From now on the function of the route stands in its place, unless the route was forgotten meanwhile. */
  straighten({ topicId }: PublishPacket, route: Route): void {
    const at = this.placeOf(topicId);
    if (topicId === 0 || route.handler === undefined || this.pairs[at + 1] !== route) return;
    this.pairs[at] = topicId;
    this.pairs[at + 1] = route.handler;
  }

  clear(): void {
    if (this.isEmpty) return;
    this.isEmpty = true;
    this.pairs.fill(0);
    this.unnumbered.clear();
  }

  private placeOf(topicId: number): number {
    return (2 * topicId) & (this.pairs.length - 1);
  }

  private grow(): void {
    this.displaced = 0;
    this.pairs = new Array<number>(2 * this.capacity).fill(0);
  }
}
