import { asapScheduler, Observable, Subject } from 'rxjs';
import type { MqttError, SubscribeError } from '../errors.js';
import type { SubackPacket, UnsubackPacket, UnsubscribeProperties } from '../packet/packets.js';
import { conclude, settle } from '../rx/conclude.js';
import { inBatches } from './batches.js';
import type { Exit, MessageObserver } from './message-observer.js';
import type { AskedFilter } from './pending-requests.js';
import {
  SubscriptionRequests,
  type Identifiers,
  type RequestOptions,
  type SubscribePort,
  type UnsubscribeCall,
} from './requests.js';
import type { Router } from './router.js';
import { offline, refused, unsupported } from './subscribe-errors.js';
import type { PendingRequest } from './pending-requests.js';
import type { SomeMembers, SubscriptionEntry } from './subscription-entry.js';
import { granted, PENDING, restated, type SubscriptionInfo } from './subscription-info.js';
import { SubscriptionsView } from './subscriptions-view.js';
import { tellLost } from './unanswered.js';
import { Unsubscribing } from './unsubscribing.js';
import { WantedFilters, type WantedFiltersPort } from './wanted-filters.js';

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
export class SubscriptionRegistry implements Exit, WantedFiltersPort {
  private readonly requests: SubscriptionRequests;
  private readonly unsubscribing: Unsubscribing;
  private readonly wanted: WantedFilters;
  private readonly view: SubscriptionsView;
  private port: SubscribePort | undefined;
  private wasBound = false;
  private scheduled = false;
  private gathering = false;
  private readonly joined = new Subject<void>();
  /** Emits when an observer has joined. */
  readonly joined$: Observable<void> = this.joined.asObservable();
  /** What `subscriptions$` shows. */
  readonly subscriptions$: Observable<ReadonlyMap<string, SubscriptionInfo>>;

  constructor(
    private readonly router: Router,
    ids: Identifiers,
    private readonly options: RegistryOptions,
  ) {
    this.requests = new SubscriptionRequests(ids, options, () => this.flush());
    this.unsubscribing = new Unsubscribing(this.requests);
    this.view = new SubscriptionsView(router.entries);
    this.subscriptions$ = this.view.subscriptions$;
    this.wanted = new WantedFilters(router, this.view, this.unsubscribing, this);
  }

  get isConnected(): boolean {
    return this.port !== undefined;
  }

  /** Lets an observer in, and tells whether it began the first of its filters. */
  attach(observer: MessageObserver, filters: readonly string[]): boolean {
    if (!this.isConnected && this.options.rejectOffline) throw offline('subscribe', filters[0]);
    const began = this.wanted.attach(observer, filters);
    this.joined.next();
    return began;
  }

  /** Lets an observer out again. */
  detach(observer: MessageObserver): void {
    this.wanted.detach(observer);
  }

  silence(): void {
    this.router.changed();
  }

  /** Asks the broker to forget filters, whether this process subscribed to them or not. */
  unsubscribe(
    filters: readonly string[],
    properties: UnsubscribeProperties | undefined,
  ): Observable<readonly number[]> {
    return new Observable<readonly number[]>((caller) => {
      const call: UnsubscribeCall = { filters, properties, caller };
      this.unsubscribing.call(call);
      for (const filter of filters) this.wanted.dismiss(filter);
      this.schedule();
      return () => this.unsubscribing.takeBack(call);
    });
  }

  /** Binds to a connection, and asks for what it lacks before anything else is sent on it. */
  bind(port: SubscribePort, sessionPresent: boolean): void {
    this.port = port;
    const entries = this.router.entries.all();
    if (!sessionPresent) {
      this.unsubscribing.forget();
      for (const entry of entries) {
        const lapses = entry.isKnown && !this.options.resubscribe;
        // What has lapsed stays so, whatever the broker loses now.
        const hadLapsed = entry.terms.standing === 'lapsed';
        entry.forget();
        if (lapses || hadLapsed) entry.update({ standing: 'lapsed' });
      }
      this.router.forget();
    } else if (!this.wasBound) {
      this.router.inherit();
    }
    this.wasBound = true;
    const active = restated('active');
    for (const entry of entries) {
      if (entry.isKnown) entry.update({ info: active(entry.terms.info) });
      else if (entry.isObserved && entry.terms.standing !== 'lapsed') this.wanted.mark(entry);
    }
    this.flush();
  }

  /** The connection is gone: what it did not answer is open again. */
  unbind(): void {
    this.port = undefined;
    const { entries } = this.router;
    const unanswered = this.requests.lost();
    for (const request of unanswered) {
      if (request.kind === 'subscribe') {
        for (const { entry, members } of request.asked) {
          entry.update({ standing: 'uncertain' });
          entry.identify(members, 0);
        }
      } else if (request.caller?.closed === false && !this.options.rejectOffline) {
        this.unsubscribing.call(request);
      } else {
        for (const filter of request.filters) {
          if (entries.get(filter) === undefined) this.unsubscribing.leave(filter);
        }
      }
    }
    const lost = restated('lost');
    for (const entry of entries.all()) if (entry.isObserved) entry.update({ info: lost(entry.terms.info) });
    if (this.options.rejectOffline) tellLost(unanswered);
    this.view.changed();
  }

  /** SUBACK: observers of a refused filter hear of it, the others go on. */
  subscribed(packet: SubackPacket): void {
    this.requests.subscribed(packet).forEach(({ entry, members, round, before }, index) => {
      const reasonCode = packet.reasonCodes[index] ?? 0x80;
      if (reasonCode < 0x80) {
        entry.update({ info: granted(reasonCode), answered: Math.max(entry.terms.answered, round) });
        return;
      }
      // Those who were there before keep what they have.
      entry.update(before ?? { standing: 'unknown' });
      this.deny(entry, members, refused(entry.filter, reasonCode));
    });
    this.router.changed();
    this.flush();
  }

  /** UNSUBACK. */
  unsubscribed(packet: UnsubackPacket): void {
    const codes = this.port?.limits.protocolVersion === 5;
    const { filters, caller } = this.requests.unsubscribed(packet, codes);
    settle(caller, codes ? packet.reasonCodes : filters.map(() => 0));
    this.flush();
  }

  /** The requests of this connection that wait for an answer. */
  get pending(): Iterable<PendingRequest> {
    return this.requests.pending;
  }

  /** Ends every observer: with an error, or in order. */
  close(reason: MqttError | undefined): void {
    this.port = undefined;
    const callers = this.unsubscribing.close();
    for (const request of this.requests.lost()) {
      if (request.kind === 'unsubscribe' && request.caller !== undefined) callers.push(request.caller);
    }
    const entries = this.wanted.close();
    this.requests.close();
    const observers = entries.flatMap(({ members }) => members.map(({ observer }) => observer.subscriber));
    // They do not leave one by one, after which a subscription would linger.
    for (const entry of entries) entry.empty();
    for (const observer of [...observers, ...callers]) conclude(observer, reason);
    this.view.close();
  }

  /** What has changed is gathered until the tick is over. */
  get isGathering(): boolean {
    return this.gathering;
  }

  schedule(): void {
    this.gathering = true;
    if (this.scheduled) return;
    this.scheduled = true;
    asapScheduler.schedule(() => {
      this.scheduled = false;
      if (this.gathering) this.flush();
    });
  }

  /** Sends what has changed. */
  flush(): void {
    this.gathering = false;
    const { port } = this;
    if (port === undefined) return this.view.changed();
    const wanted: SubscriptionEntry[] = [];
    for (const entry of this.wanted.takeMarked()) {
      if (!entry.isObserved) this.wanted.drop(entry);
      else if (needsAsking(entry) && this.isSupported(entry, port)) wanted.push(entry);
    }
    this.unsubscribing.send(port);
    const { maximumPacketSize, subscriptionIdentifiersAvailable } = port.limits;
    const batches = inBatches(wanted, {
      maxFilters: this.options.batchSize,
      maxBytes: maximumPacketSize,
      separateOverlaps: subscriptionIdentifiersAvailable,
    });
    for (const batch of batches) this.sendSubscribe(port, batch);
    this.view.changed();
  }

  private deny(entry: SubscriptionEntry, members: SomeMembers, error: SubscribeError): void {
    this.view.denied(entry.filter, { status: 'denied', reasonCode: error.reasonCode });
    entry.fail(members, error);
  }

  private isSupported(entry: SubscriptionEntry, port: SubscribePort): boolean {
    // The identifier that it will get is not known yet, but how long it may be.
    const problem = unsupported(entry, port.limits, this.requests.identifierAfter(this.router.entries.size));
    if (problem === undefined) return true;
    this.deny(entry, entry.everybody, problem);
    return false;
  }

  private sendSubscribe(port: SubscribePort, batch: readonly SubscriptionEntry[]): void {
    const sent = this.requests.subscribe(port, batch, (entry, identifiers) => this.ask(entry, identifiers));
    if (!sent) for (const entry of batch) this.wanted.mark(entry);
    this.router.changed();
  }

  /** Notes that the entry is asked for now, and for whom. */
  private ask(entry: SubscriptionEntry, identifiers: readonly number[]): AskedFilter {
    const { isKnown, everybody } = entry;
    const { info, askedQos, round } = entry.terms;
    const members = isKnown ? entry.members.filter((member) => member.identifier === 0) : everybody;
    const before = isKnown && members.length < entry.members.length ? { info, askedQos } : undefined;
    entry.update({ standing: 'known', askedQos: entry.qos, info: PENDING });
    this.router.identify(entry, identifiers);
    // Where there are no identifiers, any number but 0 says that the SUBSCRIBE went out.
    entry.identify(members, identifiers[0] ?? -1);
    return { entry, members, round, before };
  }
}

/** Whether the broker does not have it as it is wanted. */
function needsAsking(entry: SubscriptionEntry): boolean {
  const { standing, askedQos } = entry.terms;
  return standing !== 'known' || entry.qos > askedQos;
}
