import { asapScheduler, Observable, Subject, take, type Subscriber, type Subscription } from 'rxjs';
import { ErrorCode, SubscribeError, TimeoutError, type MqttError } from '../errors.js';
import type { Packet, SubackPacket, UnsubackPacket, UnsubscribeProperties } from '../packet/packets.js';
import { reasonCodeName } from '../packet/reason-codes.js';
import { after } from '../rx/after.js';
import { hasWildcard } from '../topic/topic-filter.js';
import { utf8Length } from '../utf8.js';
import { inBatches } from './batches.js';
import { PendingRequests, type AskedFilter, type PendingRequest } from './pending-requests.js';
import type { Router } from './router.js';
import {
  Membership,
  SubscriptionEntry,
  type MessageObserver,
  type SubscriptionInfo,
  type SubscriptionRequest,
} from './subscription-entry.js';
import { subscribeSize, unsubscribeSize } from './request-size.js';
import { SubscriptionsView } from './subscriptions-view.js';

/** The live connection as the registry sees it. */
export interface SubscribePort {
  readonly limits: {
    readonly protocolVersion: number;
    readonly maximumPacketSize: number;
    readonly wildcardSubscriptionAvailable: boolean;
    readonly sharedSubscriptionAvailable: boolean;
    readonly subscriptionIdentifiersAvailable: boolean;
  };
  send(packet: Packet): void;
}

/** Packet identifiers, shared with the publishes of the session. */
interface Identifiers {
  take(): number;
  release(id: number): void;
}

export interface RegistryOptions {
  /** Filters that one SUBSCRIBE or UNSUBSCRIBE holds at most. Default: no limit. */
  readonly batchSize: number;
  /** Ask for everything again when the broker has lost the session. */
  readonly resubscribe: boolean;
  /** Refuse what is asked for while there is no connection, and fail what the connection did not answer. */
  readonly rejectOffline: boolean;
  /** Emits when a packet identifier may be free again. */
  readonly freed$: Observable<void>;
}

/** What the remaining length of a packet may grow by. */
const LONGER_HEADER = 3;

const LAST_IDENTIFIER = 268_435_455;

interface UnsubscribeCall {
  readonly filters: readonly string[];
  readonly properties: UnsubscribeProperties | undefined;
  readonly caller: Subscriber<readonly number[]>;
}

/**
 * The subscriptions that the application wants, whatever connection there is, and how the broker is brought to them.
 * What changes is gathered for a tick (`asapScheduler`) and then asked for at once; each new connection is reconciled.
 */
export class SubscriptionRegistry {
  private readonly entries = new Map<string, SubscriptionEntry>();
  private readonly dirty = new Set<SubscriptionEntry>();
  private readonly pending = new PendingRequests();
  /** Filters that the broker's session may still hold though nobody wants them any more. */
  private readonly leftovers = new Set<string>();
  private calls: UnsubscribeCall[] = [];
  private port: SubscribePort | undefined;
  private scheduled = false;
  private readonly joined = new Subject<void>();
  /** Emits when an observer has joined. */
  readonly joined$: Observable<void> = this.joined.asObservable();
  private starving: Subscription | undefined;
  private created = 0;
  private lastIdentifier = 0;
  private readonly view = new SubscriptionsView(() => this.entries);
  /** What `subscriptions$` shows. */
  readonly subscriptions$: Observable<ReadonlyMap<string, SubscriptionInfo>> = this.view.subscriptions$;

  constructor(
    private readonly router: Router,
    private readonly ids: Identifiers,
    private readonly options: RegistryOptions,
  ) {}

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
    const drained = this.pending.drain();
    const unanswered = drained.map(([, request]) => request);
    for (const [packetId, request] of drained) {
      this.ids.release(packetId);
      if (request.kind === 'subscribe') {
        for (const { entry, members } of request.asked) {
          entry.known = false;
          entry.uncertain = true;
          for (const member of members) member.identifier = 0;
        }
      } else if (request.caller !== undefined && !this.options.rejectOffline) {
        this.calls.push({ filters: request.filters, properties: request.properties, caller: request.caller });
      } else {
        for (const filter of request.filters) this.leftovers.add(filter);
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
    const { asked } = this.pending.take('subscribe', packet, true);
    this.ids.release(packet.packetId);
    asked.forEach(({ entry, members, round, before }, index) => {
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
    const { filters, caller } = this.pending.take('unsubscribe', packet, codes);
    this.ids.release(packet.packetId);
    caller?.next(codes ? packet.reasonCodes : filters.map(() => 0));
    caller?.complete();
    this.flush();
  }

  /** Tells those who wait too long for SUBACK or UNSUBACK; an answer that comes after all finds nobody. */
  tellOverdue(now: number, timeout: number): number {
    const { late, next } = this.pending.overdue(now, timeout);
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
    const callers = this.calls.map(({ caller }) => caller);
    for (const [, request] of this.pending.drain()) {
      if (request.kind === 'unsubscribe' && request.caller !== undefined) callers.push(request.caller);
    }
    this.entries.clear();
    this.calls = [];
    this.dirty.clear();
    this.starving?.unsubscribe();
    for (const entry of entries) {
      entry.linger?.unsubscribe();
      this.router.remove(entry);
    }
    const observers = new Set(entries.flatMap((entry) => entry.members.map((member) => member.observer.subscriber)));
    for (const observer of [...observers, ...callers]) {
      if (reason === undefined) observer.complete();
      else observer.error(reason);
    }
    this.view.close();
  }

  /** Sends what has changed. */
  flush(): void {
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
    if (this.scheduled) return;
    this.scheduled = true;
    asapScheduler.schedule(() => {
      this.scheduled = false;
      this.flush();
    });
  }

  /** All packet identifiers are in use. */
  private flushWhenFreed(): void {
    this.starving ??= this.options.freed$.pipe(take(1)).subscribe(() => {
      this.starving = undefined;
      this.flush();
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
    if (entry.members.length > 0) return;
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
    const subscriptionIdentifier = this.lastIdentifier + this.entries.size;
    const problem = unsupported(entry, port, subscriptionIdentifier);
    if (problem === undefined) return true;
    this.deny(entry, entry.members, problem);
    return false;
  }

  private sendSubscribe(port: SubscribePort, batch: readonly SubscriptionEntry[]): void {
    const packetId = this.ids.take();
    if (packetId === 0) {
      for (const entry of batch) this.dirty.add(entry);
      return this.flushWhenFreed();
    }
    const first = batch[0]?.request;
    const v5 = port.limits.protocolVersion === 5;
    const identifier = port.limits.subscriptionIdentifiersAvailable ? this.identifierFor(first) : 0;
    const asked = batch.map((entry) => this.ask(entry, identifier));
    this.router.changed();
    this.pending.add(packetId, { kind: 'subscribe', asked });
    port.send({
      cmd: 'subscribe',
      packetId,
      subscriptions: batch.map(({ filter, askedQos, request }) =>
        v5
          ? {
              filter,
              qos: askedQos,
              noLocal: request.noLocal,
              retainAsPublished: request.retainAsPublished,
              retainHandling: request.retainHandling,
            }
          : { filter, qos: askedQos },
      ),
      properties: v5
        ? { ...first?.properties, ...(identifier === 0 ? undefined : { subscriptionIdentifier: identifier }) }
        : undefined,
    });
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

  private identifierFor(request: SubscriptionRequest | undefined): number {
    const chosen = request?.properties?.subscriptionIdentifier;
    if (typeof chosen === 'number') return chosen;
    this.lastIdentifier = this.lastIdentifier === LAST_IDENTIFIER ? 1 : this.lastIdentifier + 1;
    return this.lastIdentifier;
  }

  private sendUnsubscribes(port: SubscribePort): void {
    const { calls } = this;
    this.calls = [];
    for (const call of calls) this.sendUnsubscribe(port, call.filters, call.properties, call.caller);
    const called = new Set(calls.flatMap((call) => call.filters));
    const { protocolVersion, maximumPacketSize } = port.limits;
    const empty = unsubscribeSize(protocolVersion, [], undefined) + LONGER_HEADER;
    let batch: string[] = [];
    let size = empty;
    for (const filter of [...this.leftovers].filter((leftover) => !called.has(leftover))) {
      const more = utf8Length(filter) + 2;
      if (batch.length > 0 && (size + more > maximumPacketSize || batch.length >= this.options.batchSize)) {
        this.sendUnsubscribe(port, batch, undefined, undefined);
        batch = [];
        size = empty;
      }
      batch.push(filter);
      size += more;
    }
    if (batch.length > 0) this.sendUnsubscribe(port, batch, undefined, undefined);
  }

  private sendUnsubscribe(
    port: SubscribePort,
    filters: readonly string[],
    properties: UnsubscribeProperties | undefined,
    caller: Subscriber<readonly number[]> | undefined,
  ): void {
    const { protocolVersion, maximumPacketSize } = port.limits;
    const size = unsubscribeSize(protocolVersion, filters, properties);
    if (caller !== undefined && size > maximumPacketSize) {
      return caller.error(tooLarge(filters[0] ?? '', 'unsubscribe from', size, maximumPacketSize));
    }
    const packetId = this.ids.take();
    if (packetId === 0) {
      if (caller !== undefined) this.calls.push({ filters, properties, caller });
      return this.flushWhenFreed();
    }
    for (const filter of filters) this.leftovers.delete(filter);
    this.pending.add(packetId, { kind: 'unsubscribe', filters, properties, caller });
    port.send({ cmd: 'unsubscribe', packetId, filters, properties });
  }

  /** Two observers of one filter have one subscription at the broker, and so one set of its options. */
  private refuseConflict(filter: string, request: SubscriptionRequest): void {
    const entry = this.entries.get(filter);
    if (entry === undefined || entry.members.length === 0) return;
    for (const option of OPTIONS) {
      if (entry.request[option] === request[option]) continue;
      throw new SubscribeError(
        `subscribe to "${filter}" failed: it is subscribed with ${option} ${String(entry.request[option])} already, ` +
          `and a broker keeps one set of options a filter; ask for the same, or end the other subscription first`,
        { filter, code: ErrorCode.SUBSCRIBE_CONFLICT },
      );
    }
  }
}

const OPTIONS = ['noLocal', 'retainAsPublished', 'retainHandling'] as const;

const sameOptions = (a: SubscriptionRequest, b: SubscriptionRequest): boolean =>
  OPTIONS.every((option) => a[option] === b[option]);

const toQos = (reasonCode: number): 0 | 1 | 2 => (reasonCode === 2 ? 2 : reasonCode === 1 ? 1 : 0);

function offline(what: string, filter = ''): SubscribeError {
  return new SubscribeError(
    `${what} to "${filter}" failed: there is no connection, and the option retention lets it not wait for one`,
    { filter, code: ErrorCode.CONNECTION_LOST },
  );
}

function refused(filter: string, reasonCode: number): SubscribeError {
  return new SubscribeError(`subscribe to "${filter}" was refused by the broker: ${reasonCodeName(reasonCode)}`, {
    filter,
    reasonCode,
  });
}

/** [MQTT-3.2.2-15] */
function tooLarge(filter: string, what: string, size: number, maximum: number): SubscribeError {
  return new SubscribeError(
    `${what} "${filter}" failed: the packet has ${size} bytes, and the broker takes ${maximum} at most`,
    { filter, code: ErrorCode.PACKET_TOO_LARGE, reasonCode: 0x95 },
  );
}

/** What the broker said at CONNACK that it does not do. */
function unsupported(
  entry: SubscriptionEntry,
  { limits }: SubscribePort,
  subscriptionIdentifier: number,
): SubscribeError | undefined {
  const { filter } = entry;
  const identified = limits.subscriptionIdentifiersAvailable ? { subscriptionIdentifier } : undefined;
  const size = subscribeSize(limits.protocolVersion, [filter], { ...identified, ...entry.request.properties });
  if (size > limits.maximumPacketSize) return tooLarge(filter, 'subscribe to', size, limits.maximumPacketSize);
  const cannot = (what: string, reasonCode: number): SubscribeError =>
    new SubscribeError(`subscribe to "${filter}" failed: the broker ${what}`, {
      filter,
      code: ErrorCode.NOT_SUPPORTED,
      reasonCode,
    });
  if (entry.shared && !limits.sharedSubscriptionAvailable) return cannot('has no shared subscriptions', 0x9e);
  if (hasWildcard(entry.matched) && !limits.wildcardSubscriptionAvailable) {
    return cannot('takes no wildcards in filters', 0xa2);
  }
  if (entry.request.properties?.subscriptionIdentifier !== undefined && !limits.subscriptionIdentifiersAvailable) {
    return cannot('takes no subscription identifiers', 0xa1);
  }
  return undefined;
}
