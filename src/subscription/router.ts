import type { PublishPacket } from '../packet/publish-packet.js';
import { BoundedCache } from '../topic/bounded-cache.js';
import { hasWildcard } from '../topic/topic-filter.js';
import type { FilterSubscription } from './filter-subscription.js';
import type { DeliveryTracker, MessageSubscriber } from './message-subscriber.js';
import { RetiredIdentifiers } from './retired-identifiers.js';
import { SubscriptionIndex } from './subscription-index.js';

/** Routes that are remembered, however few filters there are, and however many. */
const FEWEST_ROUTES = 1 << 10;
const MOST_ROUTES = 1 << 18;

/** What a topic leads to. */
interface Route {
  /** Each observer once. */
  readonly observers: readonly MessageSubscriber[];
  /** For each observer, the oldest of its subscriptions that match. */
  readonly through: readonly FilterSubscription[];
  /** The subscriptions that match, observed or not. */
  readonly subscriptions: readonly FilterSubscription[];
  /** More than one matches, so that a broker may send more than one copy. */
  readonly isOverlapping: boolean;
  /** An observer among them acknowledges by hand. */
  readonly hasManual: boolean;
  /** The generations in which a live message was noted last. */
  notedIn: number;
}

/**
 * Finds the observers of a message: exact filters by map, wildcards by trie, both behind a bounded cache of routes.
 *
 * Copies: where the broker says by subscription identifier which subscriptions a copy answers, an observer takes the
 * copy of the oldest of its matching filters, so that it sees each message once, whether the broker sends one copy with
 * all identifiers or one for each [MQTT-3.3.4-4] [MQTT-3.3.4-5]. Without identifiers each copy goes to all that match.
 * One for filters that were dropped is delivered to no one else. One under identifiers that are not known goes to all
 * that match: a duplicate is better than a loss.
 *
 * Retained messages: the replay that a later observer causes is not shown to those who were there before. With
 * identifiers that is exact; without, an observer is spared topics that it saw since its SUBSCRIBE was answered. With
 * `retainAsPublished` a replay cannot be told from a live message, and all see it.
 */
export class Router {
  readonly index = new SubscriptionIndex();
  private routes = new BoundedCache<string, Route>(FEWEST_ROUTES);
  private capacity = FEWEST_ROUTES;
  /** Subscriptions that were found to match the same topic as others, so that the broker may send a copy for each. */
  private readonly overlapping = new Set<FilterSubscription>();
  private readonly retired = new RetiredIdentifiers();
  /** Counts the moments at which subscriptions passed to other generations. */
  private generations = 0;
  /** The broker's session is older than this process, in which identifiers may have meant other filters. */
  private isInherited = false;

  add(subscription: FilterSubscription): void {
    subscription.identifiedBy(this.retired.take(subscription.filter) ?? []);
    this.index.add(subscription);
    if (2 * this.index.size > this.capacity && this.capacity < MOST_ROUTES) {
      this.capacity *= 2;
      this.routes = new BoundedCache(this.capacity);
    }
    this.changed(subscription);
  }

  remove(subscription: FilterSubscription): void {
    this.index.remove(subscription);
    this.changed(subscription);
    const mayHaveCopies = this.overlapping.delete(subscription) && !this.isInherited;
    if (!mayHaveCopies) return;
    const successor = this.index.get(subscription.filter);
    if (successor === undefined) this.retired.add(subscription.filter, subscription.identifiers);
    else successor.identifiedBy(subscription.identifiers);
  }

  /** Observers of the subscription have joined or left. */
  changed({ matched }: FilterSubscription): void {
    if (hasWildcard(matched)) this.routes.clear();
    else this.routes.delete(matched);
  }

  /** The broker has a session that an earlier process left. */
  sessionInherited(): void {
    this.isInherited = true;
  }

  /** The broker begins a new session: it knows no identifier any more. */
  sessionLost(): void {
    this.isInherited = false;
    this.retired.clear();
    this.generationsChanged();
  }

  /** Subscriptions have passed to other generations: what is delivered from now on is noted anew. */
  generationsChanged(): void {
    this.generations++;
  }

  /** Gives the message to all whom it concerns; false when there are none. */
  deliver(message: PublishPacket, tracker: DeliveryTracker): boolean {
    const route = this.routeOf(message.topic);
    const { observers, hasManual } = route;
    if (observers.length === 0) return false;
    const given = message.properties?.subscriptionIdentifier;
    const identifiers = typeof given === 'number' ? [given] : given;
    if (this.retired.size > 0 && this.isLeftOver(identifiers, route.subscriptions)) return true;
    // The common case needs no look at the copy: one filter matches, and the message is live.
    if (!message.retain && (!route.isOverlapping || identifiers === undefined)) {
      for (const observer of observers) observer.deliver(message, tracker, hasManual);
    } else {
      const copies = understood(identifiers, route.subscriptions);
      observers.forEach((observer, index) => {
        const subscription = route.through[index];
        if (subscription !== undefined && isFor(observer, subscription, message, copies)) {
          observer.deliver(message, tracker, hasManual);
        }
      });
    }
    if (message.retain || route.notedIn !== this.generations) this.note(route, message);
    return true;
  }

  private note(route: Route, { topic, retain }: PublishPacket): void {
    for (const subscription of route.through) subscription.delivered(topic, retain);
    if (!retain) route.notedIn = this.generations;
  }

  /** A copy for filters that were dropped, and for none that is there. */
  private isLeftOver(
    identifiers: readonly number[] | undefined,
    subscriptions: readonly FilterSubscription[],
  ): boolean {
    return (
      identifiers?.every((identifier) => this.retired.has(identifier) && !isOwned(identifier, subscriptions)) === true
    );
  }

  private routeOf(topic: string): Route {
    let route = this.routes.get(topic);
    if (route === undefined) this.routes.set(topic, (route = this.find(topic)));
    return route;
  }

  private find(topic: string): Route {
    const subscriptions = this.index.matching(topic);
    const found = new Map<
      unknown,
      { readonly observer: MessageSubscriber; readonly subscription: FilterSubscription }
    >();
    for (const subscription of subscriptions) {
      for (const observer of subscription.observers) {
        if (!found.has(observer.subscriber)) found.set(observer.subscriber, { observer, subscription });
      }
    }
    const isOverlapping = subscriptions.length > 1;
    if (isOverlapping) for (const subscription of subscriptions) this.overlapping.add(subscription);
    const observers = [...found.values()].map(({ observer }) => observer);
    return {
      observers,
      through: [...found.values()].map(({ subscription }) => subscription),
      subscriptions,
      isOverlapping,
      hasManual: observers.some(({ request }) => request.manualAck),
      notedIn: -1,
    };
  }
}

/**
 * The identifiers of a copy, if subscriptions that match have them all. A broker may still send under one that this
 * process forgot, or that an earlier process chose: whom that copy is for is not known, so that all have to get it.
 */
function understood(
  identifiers: readonly number[] | undefined,
  subscriptions: readonly FilterSubscription[],
): readonly number[] | undefined {
  return identifiers?.every((identifier) => isOwned(identifier, subscriptions)) === true ? identifiers : undefined;
}

function isOwned(identifier: number, subscriptions: readonly FilterSubscription[]): boolean {
  return subscriptions.some(({ identifiers }) => identifiers.includes(identifier));
}

/** Whether this copy of the message is for this observer. */
function isFor(
  observer: MessageSubscriber,
  subscription: FilterSubscription,
  { topic, retain }: PublishPacket,
  copies: readonly number[] | undefined,
): boolean {
  const { retainAsPublished, retainHandling } = subscription.request;
  const isReplay = retain && !retainAsPublished;
  if (isReplay && retainHandling === 2) return false;
  if (copies !== undefined && subscription.ownsIdentifiers) {
    // A retained message answers one SUBSCRIBE: it is for those who joined with that one.
    if (isReplay) return copies.includes(observer.identifier);
    if (!copies.some((identifier) => subscription.identifiers.includes(identifier))) return false;
  }
  return !isReplay || !subscription.hasSeen(observer, topic);
}
