import type { PublishPacket } from '../packet/publish-packet.js';
import { incomingTopics } from '../packet/read-publish.js';
import { report } from '../rx/report.js';
import { SubscriptionEntries } from './entries.js';
import type { Membership } from './membership.js';
import type { MessageObserver } from './message-observer.js';
import { RetiredIdentifiers } from './retired-identifiers.js';
import { type Route, Routes } from './routes.js';
import type { SubscriptionEntry } from './subscription-entry.js';

/** How many identifiers an entry answers to: messages under an earlier one may still be on their way. */
const REMEMBERED_IDENTIFIERS = 256;

/** Knows who holds a message, and who got it. */
export interface DeliveryTracker {
  /** A copy of the message for an observer that acknowledges by hand. */
  hold(message: PublishPacket, holder: MessageObserver['subscriber']): PublishPacket;
  /** The observer gets a message that others may hold. */
  markDelivered(message: PublishPacket, observer: MessageObserver['subscriber']): void;
  /** The message is sent again at QoS 2, and the observer got it before. */
  wasDelivered(message: PublishPacket, observer: MessageObserver['subscriber']): boolean;
}

/**
 * Finds the observers of a message: exact filters by map, wildcards by trie, both behind a bounded table of routes.
 *
 * Copies: where the broker says by subscription identifier which subscriptions a copy answers, an observer takes the
 * copy of the oldest of its matching filters, so that it sees each message once, whether the broker sends one copy with
 * all identifiers or one for each [MQTT-3.3.4-4] [MQTT-3.3.4-5]. Without identifiers each copy goes to all that match.
 * One for filters that were dropped reaches nobody; one under identifiers that are not known goes to all that match.
 *
 * Retained messages: the replay that a later observer causes is not shown to those who were there before. With
 * identifiers that is exact; without, an observer is spared topics that it saw since its SUBSCRIBE was answered. With
 * `retainAsPublished` a replay cannot be told from a live message, and all see it.
 */
export class Router {
  readonly entries = new SubscriptionEntries();
  private readonly routes = new Routes();
  /** Filters that were found to match the same topic as others, so that the broker may send a copy for each. */
  private readonly overlapping = new Set<SubscriptionEntry>();
  private readonly retired = new RetiredIdentifiers();
  /** The broker's session is older than this process, in which identifiers may have meant other filters. */
  private isInherited = false;

  add(entry: SubscriptionEntry): void {
    const identifiers = this.retired.take(entry.filter);
    if (identifiers !== undefined) entry.update({ identifiers });
    this.entries.add(entry);
    this.routes.reserve(this.entries.size);
    this.changed();
  }

  remove(entry: SubscriptionEntry): void {
    this.entries.remove(entry);
    const mayHaveCopies = this.overlapping.delete(entry) && !this.isInherited;
    if (mayHaveCopies) this.retired.add(entry.filter, entry.terms.identifiers);
    this.changed();
  }

  /** The broker has a session that an earlier process left. */
  inherit(): void {
    this.isInherited = true;
  }

  /** The broker begins a new session: it knows no identifier any more. */
  forget(): void {
    this.isInherited = false;
    this.retired.clear();
    this.changed();
  }

  /** Members, rounds or identifiers of an entry have changed. */
  changed(): void {
    this.routes.clear();
  }

  /** From now on the broker may send what matches the entry under one more identifier, where there is one. */
  identify(entry: SubscriptionEntry, identifiers: readonly number[]): void {
    const before = entry.terms.identifiers;
    if (identifiers.every((identifier) => before.includes(identifier))) return;
    // All that are asked for together share the list.
    const all = before.length === 0 ? identifiers : [...before, ...identifiers].slice(-REMEMBERED_IDENTIFIERS);
    entry.update({ identifiers: all });
  }

  /** Gives the message to everybody whom it concerns; false when that is nobody. */
  deliver(message: PublishPacket, tracker: DeliveryTracker): boolean {
    this.routes.foresee(incomingTopics);
    const isPlain = !message.retain && !message.dup && this.retired.size === 0;
    const handler = isPlain ? this.routes.handlerOf(message) : undefined;
    if (handler === undefined) return this.deliverBy(this.routeOf(message), message, tracker);
    try {
      handler(message);
    } catch (error) {
      report(error);
    }
    return true;
  }

  private deliverBy(route: Route, message: PublishPacket, tracker: DeliveryTracker): boolean {
    const { members } = route;
    const identifiers = message.properties?.subscriptionIdentifier;
    if (this.retired.size > 0 && members.length > 0 && this.isLeftOver(identifiers, route.entries)) return true;
    // The common case needs no look at the copy: one filter matches, and the message is live.
    const plain = !message.retain && (!route.overlapping || identifiers === undefined);
    const copies = plain ? undefined : understood(identifiers, route.entries);
    for (const member of members) {
      if (!plain && !wants(member, message, copies)) continue;
      const { subscriber, request } = member.observer;
      // It may have left while others were served; nobody is to wait for its acknowledgement.
      if (subscriber.closed || (message.dup && tracker.wasDelivered(message, subscriber))) continue;
      if (route.manual && !request.manualAck) tracker.markDelivered(message, subscriber);
      subscriber.next(request.manualAck ? tracker.hold(message, subscriber) : message);
    }
    if (route.noted < (message.retain ? 2 : 1)) note(route, message);
    if (route.handler !== undefined) this.routes.straighten(message, route);
    return members.length > 0;
  }

  /** A copy for filters that were dropped, and for none that is there. */
  private isLeftOver(
    identifiers: number | readonly number[] | undefined,
    entries: readonly SubscriptionEntry[],
  ): boolean {
    if (identifiers === undefined) return false;
    const list = typeof identifiers === 'number' ? [identifiers] : identifiers;
    return list.every((identifier) => this.retired.has(identifier) && !isOwned(identifier, entries));
  }

  private routeOf(message: PublishPacket): Route {
    let route = this.routes.get(message);
    if (route === undefined) this.routes.set(message, (route = this.find(message.topic)));
    return route;
  }

  private find(topic: string): Route {
    const entries = this.entries.matching(topic);
    const firsts = new Map<MessageObserver, Membership>();
    for (const entry of entries) {
      for (const member of entry.members) if (!firsts.has(member.observer)) firsts.set(member.observer, member);
    }
    const members = [...firsts.values()];
    if (entries.length > 1) for (const entry of entries) this.overlapping.add(entry);
    const [only] = members;
    const isAlone = entries.length === 1 && members.length === 1 && only?.observer.request.manualAck === false;
    return {
      handler: isAlone ? only.observer.handler : undefined,
      members,
      entries,
      overlapping: entries.length > 1,
      manual: members.some(({ observer }) => observer.request.manualAck),
      noted: 0,
    };
  }
}

/**
 * The identifiers of a copy as a list, if filters that match have them all. A broker may still send under one that this
 * process forgot, or that an earlier process chose: whom that copy is for is not known, so that all have to get it.
 */
function understood(
  identifiers: number | readonly number[] | undefined,
  entries: readonly SubscriptionEntry[],
): readonly number[] | undefined {
  const list = typeof identifiers === 'number' ? [identifiers] : identifiers;
  return list?.every((identifier) => isOwned(identifier, entries)) === true ? list : undefined;
}

function isOwned(identifier: number, entries: readonly SubscriptionEntry[]): boolean {
  return entries.some((entry) => entry.terms.identifiers.includes(identifier));
}

/** Whether this copy of the message is for this member. */
function wants(member: Membership, message: PublishPacket, copies: readonly number[] | undefined): boolean {
  const { entry } = member;
  const { request, identifiers } = entry.terms;
  if (message.retain && request.retainHandling === 2 && !request.retainAsPublished) return false;
  const exact = copies !== undefined && entry.ownsIdentifier;
  if (message.retain && !request.retainAsPublished && exact) {
    // A retained message answers one SUBSCRIBE: it is for those who joined with that one.
    return copies.includes(member.identifier);
  }
  if (exact && !copies.some((identifier) => identifiers.includes(identifier))) return false;
  return !message.retain || request.retainAsPublished || !entry.hasSeen(member, message.topic);
}

function note(route: Route, { topic, retain }: PublishPacket): void {
  for (const { entry } of route.members) if (entry.remembersTopics) entry.saw(topic, retain);
  route.noted = retain ? 2 : 1;
}
