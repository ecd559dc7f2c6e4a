import type { PublishPacket } from '../packet/publish-packet.js';
import { safeNext } from '../rx/safe-observer.js';
import type { AckQueue } from '../session/ack-queue.js';
import { BoundedCache } from '../topic/bounded-cache.js';
import { hasWildcard } from '../topic/topic-filter.js';
import type { FilterSubscription, MessageSubscriber } from './filter-subscription.js';
import { RetiredIdentifiers } from './retired-identifiers.js';
import { FilterIndex } from './filter-index.js';

/** The least number of routes that are cached. */
const FEWEST_ROUTES = 1 << 10;
const MOST_ROUTES = 1 << 18;
/** Routes of longer topics are not cached: V8 hashes no string above 16 383 characters, and a map of them is slow. */
const LONGEST_TOPIC = 1024;

const NO_SUBSCRIPTIONS: readonly FilterSubscription[] = [];

/** Tracks which observers hold a message and which received it. */
export type DeliveryTracker = Pick<AckQueue, 'hold' | 'markDelivered' | 'wasDelivered'>;

/** Where a topic leads. */
interface Route {
  /** Each RxJS subscriber once, through the oldest of its matching subscriptions. */
  readonly observers: readonly MessageSubscriber[];
  /** The matching subscriptions, observed or not. */
  readonly subscriptions: readonly FilterSubscription[];
  /** One of the observers acknowledges by hand. */
  readonly hasManual: boolean;
  /** The generations in which a live message was last recorded. */
  notedIn: number;
}

/**
 * Finds the observers of a message: exact filters by map, wildcards by trie, both behind a bounded cache of routes.
 *
 * Copies: with subscription identifiers, an observer takes the copy that names the oldest of its matching filters. It
 * sees each message once, whether the broker sends one copy with all identifiers or one for each [MQTT-3.3.4-4]
 * [MQTT-3.3.4-5]. A copy for dropped filters is delivered to no other filter. Without identifiers, and with unknown
 * ones, a copy goes to every matching filter: a duplicate is better than a loss.
 *
 * An identifier of ours counts for more than the topic: brokers have prefixes and rewriting rules of their own, so that
 * a message may come under a topic which its filter does not match.
 *
 * Retained messages: the replay that a later observer causes is hidden from earlier ones. With identifiers that is
 * exact. Without them, an observer is spared the topics that it saw since its SUBACK. With `retainAsPublished` a replay
 * looks like a live message, and every observer sees it. The same goes for RETAIN when no replay is on its way.
 */
export class Router {
  readonly index = new FilterIndex();
  private routes = new BoundedCache<string, Route>(FEWEST_ROUTES);
  private capacity = FEWEST_ROUTES;
  private readonly retired = new RetiredIdentifiers();
  /** Counts the changes of generation, over all subscriptions. */
  private generations = 0;
  /**
   * The broker's session is older than this process: its identifiers may have meant other filters. Known when
   * connected.
   */
  private isInherited: boolean | undefined;

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
    if (!subscription.isOverlapping || this.isInherited === true) return;
    const successor = this.index.get(subscription.filter);
    if (successor === undefined) this.retired.add(subscription.filter, subscription.identifiers);
    else successor.identifiedBy(subscription.identifiers);
  }

  /** Observers of the subscription have joined or left. */
  changed({ filter, matched }: FilterSubscription): void {
    if (hasWildcard(matched) || filter.startsWith('$')) this.routes.clear();
    else this.routes.delete(matched);
  }

  /** A connection begins, in a session that exists or in a new one, where the broker knows no identifiers. */
  connected(sessionPresent: boolean): void {
    this.isInherited ??= sessionPresent;
    if (sessionPresent) return;
    this.isInherited = false;
    this.retired.clear();
    this.index.identifiersChanged();
    this.generationsChanged();
  }

  /** Subscriptions have entered new generations: deliveries must be recorded anew. */
  generationsChanged(): void {
    this.generations++;
  }

  /** Delivers the message to its observers; false when it has none. */
  deliver(message: PublishPacket, tracker: DeliveryTracker): boolean {
    const { topic, retain, properties } = message;
    const given = properties?.subscriptionIdentifier;
    const identifiers = typeof given === 'number' ? [given] : given;
    let route = this.routeOf(topic);
    if (identifiers !== undefined) {
      const others = this.elsewhere(identifiers, route.subscriptions);
      // No cache: this topic leads there under these identifiers alone.
      if (others.length > 0) route = routeThrough([...route.subscriptions, ...others]);
    }
    const { observers, subscriptions, hasManual } = route;
    if (observers.length === 0) return false;
    if (identifiers !== undefined && this.isLeftOver(identifiers, subscriptions)) return false;
    const isReplay = retain && mayBeReplay(topic, subscriptions);
    // The common case needs no look at the copy: one filter matches, and the message is live.
    if (!isReplay && (subscriptions.length === 1 || identifiers === undefined)) {
      for (const observer of observers) give(message, observer, tracker, hasManual);
    } else {
      const copies = understood(identifiers, subscriptions);
      for (const observer of observers) {
        if (isFor(observer, topic, isReplay, copies)) give(message, observer, tracker, hasManual);
      }
    }
    if (retain) for (const { replays } of subscriptions) replays.add(topic);
    if (isReplay || route.notedIn !== this.generations) {
      for (const { subscription } of observers) subscription.delivered(topic, isReplay);
      if (!isReplay) route.notedIn = this.generations;
    }
    return true;
  }

  /** The subscriptions that the identifiers name and the topic does not match. */
  private elsewhere(
    identifiers: readonly number[],
    matching: readonly FilterSubscription[],
  ): readonly FilterSubscription[] {
    // Identifiers that an earlier process chose may have meant other filters.
    if (this.isInherited === true) return NO_SUBSCRIPTIONS;
    let found = NO_SUBSCRIPTIONS;
    for (const identifier of identifiers) {
      if (isOwned(identifier, matching)) continue;
      const owners = this.index.identifiedBy(identifier);
      // Filters of one packet share an identifier: then it does not tell which of them is meant.
      if (owners.length === 1) found = [...found, ...owners];
    }
    return found;
  }

  /** The copy belongs only to filters that were dropped. */
  private isLeftOver(identifiers: readonly number[], subscriptions: readonly FilterSubscription[]): boolean {
    if (this.retired.size === 0) return false;
    return identifiers.every((identifier) => this.retired.has(identifier) && !isOwned(identifier, subscriptions));
  }

  private routeOf(topic: string): Route {
    const known = this.routes.get(topic);
    if (known !== undefined) return known;
    const subscriptions = this.index.matching(topic);
    if (subscriptions.length > 1) for (const subscription of subscriptions) subscription.isOverlapping = true;
    const route = routeThrough(subscriptions);
    if (topic.length <= LONGEST_TOPIC) this.routes.set(topic, route);
    return route;
  }
}

/** @param mayBeHeld - an observer of the message, this one or another, acknowledges by hand. */
function give(
  message: PublishPacket,
  { subscriber, request }: MessageSubscriber,
  tracker: DeliveryTracker,
  mayBeHeld: boolean,
): void {
  // It may have left while others were served; do not wait for its acknowledgement.
  if (subscriber.closed || (message.dup && tracker.wasDelivered(message, subscriber))) return;
  if (!mayBeHeld) return safeNext(subscriber, message);
  if (request.manualAck) return safeNext(subscriber, tracker.hold(message, subscriber));
  tracker.markDelivered(message, subscriber);
  safeNext(subscriber, message);
}

function routeThrough(subscriptions: readonly FilterSubscription[]): Route {
  const found = new Map<unknown, MessageSubscriber>();
  for (const observer of subscriptions.flatMap((subscription) => subscription.observers)) {
    if (!found.has(observer.subscriber)) found.set(observer.subscriber, observer);
  }
  const observers = [...found.values()];
  const hasManual = observers.some(({ request }) => request.manualAck);
  return { observers, subscriptions, hasManual, notedIn: -1 };
}

/**
 * The identifiers of a copy, provided that matching subscriptions have them all. A broker may still send one that this
 * process forgot, or that an earlier process chose. Such a copy goes to every observer.
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

/** Whether a message with RETAIN may answer a SUBSCRIBE: each brings one for each topic. */
function mayBeReplay(topic: string, subscriptions: readonly FilterSubscription[]): boolean {
  let expected = 0;
  let seen = 0;
  for (const { replays } of subscriptions) {
    expected += replays.expected;
    seen = Math.max(seen, replays.cameOf(topic));
  }
  return seen < expected;
}

/** Whether this copy of the message is for this observer. */
function isFor(
  observer: MessageSubscriber,
  topic: string,
  mayBeReplay: boolean,
  copies: readonly number[] | undefined,
): boolean {
  const { subscription } = observer;
  const { retainAsPublished, retainHandling } = subscription.request;
  const isReplay = mayBeReplay && !retainAsPublished;
  if (isReplay && retainHandling === 2) return false;
  if (copies !== undefined && subscription.ownsIdentifiers) {
    // A retained message answers one SUBSCRIBE, and is for the observers that joined with it.
    if (isReplay) return copies.includes(observer.identifier);
    if (!copies.some((identifier) => subscription.identifiers.includes(identifier))) return false;
  }
  return !isReplay || !observer.hasSeen(topic);
}
