import { asapScheduler, Observable, Subject } from 'rxjs';
import { TimeoutError, type MqttError, type SubscribeError } from '../errors.js';
import type { SubackPacket, UnsubackPacket, UnsubscribeProperties } from '../packet/packets.js';
import { after } from '../rx/after.js';
import { inBatches } from './batches.js';
import type { AskedFilter, PendingRequest } from './pending-requests.js';
import {
  SubscriptionRequests,
  type Identifiers,
  type RequestOptions,
  type SubscribePort,
  type UnsubscribeCall,
} from './requests.js';
import type { Router } from './router.js';
import { conflict, offline, refused, unsupported } from './subscribe-errors.js';
import {
  Membership,
  SubscriptionEntry,
  type MessageObserver,
  type SubscriptionInfo,
  type SubscriptionRequest,
} from './subscription-entry.js';
import { SubscriptionsView } from './subscriptions-view.js';

export interface RegistryOptions extends RequestOptions {
  /** Ask for everything again when the broker has lost the session. */
  readonly resubscribe: boolean;
  /** Refuse what is asked for while there is no connection, and fail what the connection did not answer. */
  readonly rejectOffline: boolean;
}

/**
 * The subscriptions that the application wants, whatever connection there is, and how the broker is brought to them.
 * What changes is gathered for a tick (`asapScheduler`) and then asked for at once; each new connection is reconciled.
 */
export class SubscriptionRegistry {
  private readonly entries = new Map<string, SubscriptionEntry>();
  private readonly dirty = new Set<SubscriptionEntry>();
  private readonly requests: SubscriptionRequests;
  /** Filters that the broker's session may still hold though nobody wants them any more. */
  private readonly leftovers = new Set<string>();
  private calls: UnsubscribeCall[] = [];
  private port: SubscribePort | undefined;
  private scheduled = false;
  private gathering = false;
  private readonly joined = new Subject<void>();
  /** Emits when an observer has joined. */
  readonly joined$: Observable<void> = this.joined.asObservable();
  private created = 0;
  private readonly view = new SubscriptionsView(() => this.entries);
  /** What `subscriptions$` shows. */
  readonly subscriptions$: Observable<ReadonlyMap<string, SubscriptionInfo>> = this.view.subscriptions$;

  constructor(
    private readonly router: Router,
    ids: Identifiers,
    private readonly options: RegistryOptions,
  ) {
    this.requests = new SubscriptionRequests(ids, options, () => this.flush());
  }

  /** Lets an observer in; the function that is returned lets it out again. */
  attach(observer: MessageObserver): () => void {
    const { filters } = observer.request;
    if (this.port === undefined && this.options.rejectOffline) throw offline('subscribe', filters[0]);
    for (const filter of filters) this.refuseConflict(filter, observer.request);
    const members = filters.map((filter) => this.join(filter, observer));
    this.joined.next();
    this.schedule();
    return () => {
      for (const member of members) this.leave(member);
    };
  }

  /** Asks the broker to forget filters, whether this process subscribed to them or not. */
  unsubscribe(
    filters: readonly string[],
    properties: UnsubscribeProperties | undefined,
  ): Observable<readonly number[]> {
    return new Observable<readonly number[]>((caller) => {
      const call: UnsubscribeCall = { filters, properties, caller };
      this.calls.push(call);
      for (const filter of filters) this.dismiss(filter);
      this.schedule();
      return () => {
        this.calls = this.calls.filter((other) => other !== call);
      };
    });
  }

  /** Binds to a connection, and asks for what it lacks before anything else is sent on it. */
  bind(port: SubscribePort, sessionPresent: boolean): void {
    this.port = port;
    if (!sessionPresent) {
      this.leftovers.clear();
      for (const entry of this.entries.values()) {
        if (entry.known && !this.options.resubscribe) entry.lapsed = true;
        this.router.disown(entry);
        entry.forget();
      }
      this.router.changed();
    }
    for (const entry of this.entries.values()) {
      if (entry.known) entry.info = { ...entry.info, status: 'active' };
      else if (entry.members.length > 0 && !entry.lapsed) this.dirty.add(entry);
    }
    this.flush();
  }

  /** The connection is gone: what it did not answer is open again. */
  unbind(): void {
    this.port = undefined;
    const unanswered = this.requests.lost();
    for (const request of unanswered) {
      if (request.kind === 'subscribe') {
        for (const { entry, members } of request.asked) {
          entry.known = false;
          entry.uncertain = true;
          for (const member of members) member.identifier = 0;
        }
      } else if (request.caller?.closed === false && !this.options.rejectOffline) {
        this.calls.push(request);
      } else {
        for (const filter of request.filters) if (!this.entries.has(filter)) this.leftovers.add(filter);
      }
    }
    for (const entry of this.entries.values()) {
      if (entry.members.length > 0) entry.info = { ...entry.info, status: 'lost' };
    }
    if (this.options.rejectOffline) this.rejectUnanswered(unanswered);
    this.view.changed();
  }

  private rejectUnanswered(requests: readonly PendingRequest[]): void {
    for (const request of requests) {
      if (request.kind === 'unsubscribe') request.caller?.error(offline('unsubscribe', request.filters[0]));
      else {
        for (const { entry, members } of request.asked) {
          for (const { observer } of members) observer.subscriber.error(offline('subscribe', entry.filter));
        }
      }
    }
  }

  /** SUBACK: observers of a refused filter hear of it, the others go on. */
  subscribed(packet: SubackPacket): void {
    this.requests.subscribed(packet).forEach(({ entry, members, round, before }, index) => {
      const reasonCode = packet.reasonCodes[index] ?? 0x80;
      if (reasonCode < 0x80) {
        entry.info = { status: 'active', qos: toQos(reasonCode), reasonCode };
        entry.answered = Math.max(entry.answered, round);
        return;
      }
      // Those who were there before keep what they have.
      if (before === undefined) entry.known = false;
      else Object.assign(entry, before);
      this.deny(entry, members, refused(entry.filter, reasonCode));
    });
    this.router.changed();
    this.flush();
  }

  /** UNSUBACK. */
  unsubscribed(packet: UnsubackPacket): void {
    const codes = this.port?.limits.protocolVersion === 5;
    const { filters, caller } = this.requests.unsubscribed(packet, codes);
    caller?.next(codes ? packet.reasonCodes : filters.map(() => 0));
    caller?.complete();
    this.flush();
  }

  /** Tells those who wait too long for SUBACK or UNSUBACK; an answer that comes after all finds nobody. */
  tellOverdue(now: number, timeout: number): number {
    const { late, next } = this.requests.overdue(now, timeout);
    for (const request of late) {
      if (request.kind === 'unsubscribe') {
        const { caller } = request;
        request.caller = undefined;
        caller?.error(new TimeoutError(`unsubscribe was not acknowledged within ${timeout} ms`));
        continue;
      }
      for (const asked of request.asked) {
        const { entry, members } = asked;
        asked.members = [];
        const error = new TimeoutError(`subscribe to "${entry.filter}" was not acknowledged within ${timeout} ms`);
        for (const { observer } of members) observer.subscriber.error(error);
      }
    }
    return next;
  }

  /** Ends every observer: with an error, or in order. */
  close(reason: MqttError | undefined): void {
    this.port = undefined;
    const entries = [...this.entries.values()];
    const callers = this.calls.flatMap(({ caller }) => caller ?? []);
    for (const request of this.requests.lost()) {
      if (request.kind === 'unsubscribe' && request.caller !== undefined) callers.push(request.caller);
    }
    this.entries.clear();
    this.calls = [];
    this.dirty.clear();
    this.requests.close();
    for (const entry of entries) {
      entry.linger?.unsubscribe();
      this.router.remove(entry);
    }
    const observers = new Set(entries.flatMap((entry) => entry.members.map((member) => member.observer.subscriber)));
    // They do not leave one by one, after which a subscription would linger.
    for (const entry of entries) entry.members = [];
    for (const observer of [...observers, ...callers]) {
      if (reason === undefined) observer.complete();
      else observer.error(reason);
    }
    this.view.close();
  }

  /** What has changed is gathered until the tick is over. */
  get isGathering(): boolean {
    return this.gathering;
  }

  /** Sends what has changed. */
  flush(): void {
    this.gathering = false;
    const { port } = this;
    if (port === undefined) return this.view.changed();
    const wanted: SubscriptionEntry[] = [];
    const dirty = [...this.dirty];
    this.dirty.clear();
    for (const entry of dirty) {
      if (entry.members.length === 0) this.drop(entry);
      else if (!entry.known || entry.refresh || entry.qos > entry.askedQos) {
        if (this.isSupported(entry, port)) wanted.push(entry);
      }
    }
    this.sendUnsubscribes(port);
    const { maximumPacketSize, subscriptionIdentifiersAvailable } = port.limits;
    const batches = inBatches(wanted, {
      maxFilters: this.options.batchSize,
      maxBytes: maximumPacketSize,
      separateOverlaps: subscriptionIdentifiersAvailable,
    });
    for (const batch of batches) this.sendSubscribe(port, batch);
    this.view.changed();
  }

  private schedule(): void {
    this.gathering = true;
    if (this.scheduled) return;
    this.scheduled = true;
    asapScheduler.schedule(() => {
      this.scheduled = false;
      if (this.gathering) this.flush();
    });
  }

  private join(filter: string, observer: MessageObserver): Membership {
    let entry = this.entries.get(filter);
    if (entry === undefined) {
      entry = new SubscriptionEntry(filter, observer.request, this.created++);
      this.entries.set(filter, entry);
      this.view.wanted(filter);
      this.router.add(entry);
    } else if (entry.members.length === 0 && entry.known && !sameOptions(entry.request, observer.request)) {
      entry.refresh = true;
      entry.round++;
    } else if (entry.known && (entry.members.length > 0 || entry.linger !== undefined)) {
      this.askForReplay(entry);
    }
    if (entry.members.length === 0) entry.request = observer.request;
    entry.linger?.unsubscribe();
    entry.linger = undefined;
    this.leftovers.delete(filter);
    const member = new Membership(entry, observer, entry.round);
    entry.add(member);
    this.router.changed();
    this.dirty.add(entry);
    return member;
  }

  /** A later observer gets the retained messages too: they come as the answer to another SUBSCRIBE. */
  private askForReplay(entry: SubscriptionEntry): void {
    if (entry.shared || entry.request.retainHandling !== 0 || entry.refresh) return;
    entry.refresh = true;
    entry.round++;
  }

  private leave(member: Membership): void {
    const { entry, observer } = member;
    if (!entry.members.includes(member)) return;
    entry.remove(member);
    this.router.changed();
    // What was closed or dismissed lingers no more.
    if (entry.members.length > 0 || this.entries.get(entry.filter) !== entry) return;
    const { linger } = observer.request;
    if (linger === 0) {
      this.release(entry);
      return;
    }
    entry.linger = after(linger).subscribe(() => {
      entry.linger = undefined;
      this.release(entry);
    });
  }

  private release(entry: SubscriptionEntry): void {
    this.dirty.add(entry);
    // Without a connection there is nothing to gather: what the broker has is told apart at the next CONNACK.
    if (this.port === undefined) this.drop(entry);
    else this.schedule();
  }

  /** Nobody wants it any more. */
  private drop(entry: SubscriptionEntry): void {
    if (entry.linger !== undefined || entry.members.length > 0 || this.entries.get(entry.filter) !== entry) return;
    this.entries.delete(entry.filter);
    this.router.remove(entry);
    this.dirty.delete(entry);
    if (entry.known || entry.uncertain) this.leftovers.add(entry.filter);
    entry.known = false;
  }

  /** `unsubscribe(filter)` by the application: its observers complete. */
  private dismiss(filter: string): void {
    const entry = this.entries.get(filter);
    if (entry === undefined) return;
    entry.linger?.unsubscribe();
    entry.linger = undefined;
    const observers = entry.members.map((member) => member.observer.subscriber);
    entry.members = [];
    // The call itself tells the broker, unless it is taken back.
    if (entry.known || entry.uncertain) this.leftovers.add(filter);
    entry.known = false;
    this.entries.delete(filter);
    this.dirty.delete(entry);
    this.router.remove(entry);
    for (const observer of observers) observer.complete();
  }

  private deny(entry: SubscriptionEntry, members: readonly Membership[], error: SubscribeError): void {
    this.view.denied(entry.filter, { status: 'denied', reasonCode: error.reasonCode });
    for (const { observer } of members) observer.subscriber.error(error);
  }

  private isSupported(entry: SubscriptionEntry, port: SubscribePort): boolean {
    // The identifier that it will get is not known yet, but how long it may be.
    const problem = unsupported(entry, port.limits, this.requests.identifierAfter(this.entries.size));
    if (problem === undefined) return true;
    this.deny(entry, entry.members, problem);
    return false;
  }

  private sendSubscribe(port: SubscribePort, batch: readonly SubscriptionEntry[]): void {
    const sent = this.requests.subscribe(port, batch, (entry, identifier) => this.ask(entry, identifier));
    if (!sent) for (const entry of batch) this.dirty.add(entry);
    this.router.changed();
  }

  /** Notes that the entry is asked for now, and for whom. */
  private ask(entry: SubscriptionEntry, identifier: number): AskedFilter {
    const members = entry.members.filter((member) => member.identifier === 0 || !entry.known);
    const { info, askedQos, round } = entry;
    const before = entry.known && members.length < entry.members.length ? { info, askedQos } : undefined;
    entry.known = true;
    entry.uncertain = false;
    entry.lapsed = false;
    entry.refresh = false;
    entry.askedQos = entry.qos;
    entry.info = { status: 'pending' };
    if (identifier !== 0) {
      this.router.identify(entry, identifier);
    }
    // Where there are no identifiers, any number but 0 says that the SUBSCRIBE went out.
    for (const member of members) member.identifier = identifier || -1;
    return { entry, members, round, before };
  }

  private sendUnsubscribes(port: SubscribePort): void {
    const { calls } = this;
    this.calls = [];
    const called = new Set(calls.flatMap((call) => call.filters));
    for (const call of calls) this.sendUnsubscribe(port, call);
    const filters = [...this.leftovers].filter((leftover) => !called.has(leftover));
    for (const batch of this.requests.packed(port, filters)) {
      this.sendUnsubscribe(port, { filters: batch, properties: undefined, caller: undefined });
    }
  }

  private sendUnsubscribe(port: SubscribePort, call: UnsubscribeCall): void {
    // Beforehand, because the answer may come before this returns.
    for (const filter of call.filters) this.leftovers.delete(filter);
    if (this.requests.unsubscribe(port, call)) return;
    if (call.caller !== undefined) this.calls.push(call);
    else for (const filter of call.filters) this.leftovers.add(filter);
  }

  private refuseConflict(filter: string, request: SubscriptionRequest): void {
    const entry = this.entries.get(filter);
    if (entry === undefined || entry.members.length === 0) return;
    for (const option of OPTIONS) {
      if (entry.request[option] === request[option]) continue;
      throw conflict(filter, option, entry.request[option]);
    }
  }
}

const OPTIONS = ['noLocal', 'retainAsPublished', 'retainHandling'] as const;

const sameOptions = (a: SubscriptionRequest, b: SubscriptionRequest): boolean =>
  OPTIONS.every((option) => a[option] === b[option]);

const toQos = (reasonCode: number): 0 | 1 | 2 => (reasonCode === 2 ? 2 : reasonCode === 1 ? 1 : 0);
