import type { Subscriber } from 'rxjs';
import type { PublishPacket } from '../packet/publish-packet.js';
import { BoundedCache } from '../topic/bounded-cache.js';
import type { Membership } from './membership.js';
import type { SubscriptionEntry } from './subscription-entry.js';

/** Routes that are remembered, however few filters there are, and however many; powers of two. */
const FEWEST = 1 << 6;
const MOST = 1 << 17;

/** Topics without a number whose routes are remembered. */
const UNNUMBERED = 1024;

/** What the topic of a message leads to. */
export interface Route {
  /** Who takes every live message of the topic as it is: an observer that is alone, and does not acknowledge by hand. */
  readonly direct: Subscriber<PublishPacket> | undefined;
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
 * message costs is the misses of the processor's cache: so there is no object between the number and that observer.
 */
export class Routes {
  /** The numbers of the topics, by what is left of them modulo the capacity. */
  private ids = new Int32Array(1);
  private direct: (Subscriber<PublishPacket> | undefined)[] = [undefined];
  private routes: (Route | undefined)[] = [undefined];
  /** Of topics without a number. */
  private readonly unnumbered = new BoundedCache<string, Route>(UNNUMBERED);
  /** Routes that had to make way for others since the last growth. */
  private displaced = 0;
  private capacity = FEWEST;
  private isEmpty = true;

  /** There will be as many, and room for them once they come. */
  reserve(count: number): void {
    if (count > this.capacity && this.capacity < MOST) this.capacity *= 2;
  }

  directOf({ topicId }: PublishPacket): Subscriber<PublishPacket> | undefined {
    const at = topicId & (this.ids.length - 1);
    return this.ids[at] === topicId ? this.direct[at] : undefined;
  }

  get({ topic, topicId }: PublishPacket): Route | undefined {
    if (topicId === 0) return this.unnumbered.get(topic);
    const at = topicId & (this.ids.length - 1);
    return this.ids[at] === topicId ? this.routes[at] : undefined;
  }

  set({ topic, topicId }: PublishPacket, route: Route): void {
    this.isEmpty = false;
    if (topicId === 0) {
      this.unnumbered.set(topic, route);
      return;
    }
    const present = this.ids[topicId & (this.ids.length - 1)];
    if (present !== 0 && present !== topicId && ++this.displaced > this.capacity) this.reserve(Infinity);
    if (this.ids.length < this.capacity) this.grow();
    const at = topicId & (this.ids.length - 1);
    this.ids[at] = topicId;
    this.routes[at] = route;
    this.direct[at] = undefined;
  }

  /** From now on the observer of the route stands in its place, unless the route was forgotten meanwhile. */
  straighten({ topicId }: PublishPacket, route: Route): void {
    const at = topicId & (this.ids.length - 1);
    if (topicId === 0 || this.ids[at] !== topicId || this.routes[at] !== route) return;
    this.direct[at] = route.direct;
    this.routes[at] = undefined;
  }

  clear(): void {
    if (this.isEmpty) return;
    this.isEmpty = true;
    this.ids.fill(0);
    this.direct.fill(undefined);
    this.routes.fill(undefined);
    this.unnumbered.clear();
  }

  private grow(): void {
    const { capacity } = this;
    this.displaced = 0;
    this.ids = new Int32Array(capacity);
    this.direct = new Array<Subscriber<PublishPacket> | undefined>(capacity).fill(undefined);
    this.routes = new Array<Route | undefined>(capacity).fill(undefined);
  }
}
