import { take, type Observable, Subscription } from 'rxjs';
import { ProtocolError, TimeoutError, type SubscribeError } from '../errors.js';
import type {
  SubackPacket,
  SubscribePacket,
  Subscription as FilterOptions,
  UnsubackPacket,
  UnsubscribePacket,
} from '../packet/packets.js';
import { elapsed } from '../rx/clock.js';
import { safeError } from '../rx/safe-observer.js';
import { safeTimer } from '../rx/safe-timer.js';
import type { FilterSubscription, RequestedFilter } from './filter-subscription.js';
import type { MessageSubscriber } from './message-subscriber.js';
import type { UnsubscribeCall } from './pending-unsubscribes.js';
import type { PlannedSubscribe } from './reconcile.js';
import type { SubscribeLimits } from './subscribe-limits.js';

/** The live connection, as subscriptions see it. */
export interface SubscribePort {
  readonly limits: SubscribeLimits;
  send(packet: SubscribePacket | UnsubscribePacket): void;
}

/** Packet identifiers, shared with the session's publishes. */
export interface Identifiers {
  /** 0 when all are in use. */
  take(): number;
  release(id: number): void;
}

interface UnansweredSubscribe {
  readonly kind: 'subscribe';
  readonly requested: readonly RequestedFilter[];
  /** Observers still waiting, each with the time (ms) when it began to wait. */
  waiting: readonly { readonly observer: MessageSubscriber; readonly since: number }[];
  /** Of the observers that brought a time-out of their own. */
  readonly timers: Subscription | undefined;
}

interface UnansweredUnsubscribe {
  readonly kind: 'unsubscribe';
  readonly call: UnsubscribeCall;
  /** Subscriptions whose observers complete with the answer. */
  readonly leaving: readonly FilterSubscription[];
  readonly since: number;
}

export type UnansweredRequest = UnansweredSubscribe | UnansweredUnsubscribe;

/** Sends SUBSCRIBE and UNSUBSCRIBE, and keeps them until they are answered. */
export class UnansweredRequests {
  private readonly pending = new Map<number, UnansweredRequest>();
  private starving: Subscription | undefined;

  constructor(
    private readonly ids: Identifiers,
    /** Emits when a packet identifier may have become free. */
    private readonly freed$: Observable<void>,
    /** Called when a packet identifier may have become free after none was. */
    private readonly onFreed: () => void,
  ) {}

  /** A packet identifier for the next request; 0 when all are in use. */
  takeId(): number {
    const packetId = this.ids.take();
    if (packetId === 0) {
      this.starving ??= this.freed$.pipe(take(1)).subscribe(() => {
        this.starving = undefined;
        this.onFreed();
      });
    }
    return packetId;
  }

  /** Sends one SUBSCRIBE. */
  subscribe(
    port: SubscribePort,
    packetId: number,
    { subscriptions, identifier }: Pick<PlannedSubscribe, 'subscriptions' | 'identifier'>,
  ): void {
    for (const subscription of subscriptions) subscription.packetId = packetId;
    const v5 = port.limits.protocolVersion === 5;
    const requested = subscriptions.map((subscription) => subscription.requested(identifier, v5));
    const since = elapsed();
    const observers = requested.flatMap((filter) => filter.observers);
    const waiting = observers.flatMap((observer) =>
      observer.request.ackTimeout === undefined ? [{ observer, since }] : [],
    );
    // Beforehand, because the answer may come before this returns.
    this.pending.set(packetId, { kind: 'subscribe', requested, waiting, timers: timersOf(observers) });
    const properties = subscriptions[0]?.request.properties;
    port.send({
      cmd: 'subscribe',
      packetId,
      subscriptions: subscriptions.map(v5 ? withOptions : withQos),
      properties: !v5
        ? undefined
        : identifier === undefined
          ? { ...properties }
          : { ...properties, subscriptionIdentifier: identifier },
    });
  }

  /** Sends UNSUBSCRIBE. */
  unsubscribe(
    port: SubscribePort,
    packetId: number,
    call: UnsubscribeCall,
    leaving: readonly FilterSubscription[],
  ): void {
    this.pending.set(packetId, { kind: 'unsubscribe', call, leaving, since: elapsed() });
    port.send({ cmd: 'unsubscribe', packetId, filters: call.filters, properties: call.properties });
  }

  /** Returns the filters that SUBACK answers. */
  subscribed(packet: SubackPacket): readonly RequestedFilter[] {
    const request = this.pending.get(packet.packetId);
    if (request?.kind !== 'subscribe') throw answersNothing(packet);
    this.answered(packet, request.requested.length);
    request.timers?.unsubscribe();
    return request.requested;
  }

  /** Returns what UNSUBACK answers. Only MQTT 5 has codes to count. */
  unsubscribed(packet: UnsubackPacket, hasCodes: boolean): UnansweredUnsubscribe {
    const request = this.pending.get(packet.packetId);
    if (request?.kind !== 'unsubscribe') throw answersNothing(packet);
    this.answered(packet, hasCodes ? request.call.filters.length : packet.reasonCodes.length);
    return request;
  }

  /** The subscriptions whose SUBSCRIBE is not answered. */
  get unanswered(): FilterSubscription[] {
    return [...this.pending.values()].flatMap((request) =>
      request.kind === 'subscribe' ? request.requested.map(({ subscription }) => subscription) : [],
    );
  }

  /** The connection is lost: these requests will not be answered. */
  drain(): UnansweredRequest[] {
    const requests = [...this.pending.values()];
    for (const request of requests) if (request.kind === 'subscribe') request.timers?.unsubscribe();
    for (const packetId of this.pending.keys()) this.ids.release(packetId);
    this.pending.clear();
    return requests;
  }

  /**
   * Fails observers and callers that have waited `timeout` ms. A late answer is ignored.
   * @returns the ms until the next one is due; `timeout` when none waits
   */
  failTimedOut(now: number, timeout: number): number {
    let next = timeout;
    const isDue = ({ since }: { readonly since: number }): boolean => {
      const left = since + timeout - now;
      if (left > 0) next = Math.min(next, left);
      return left <= 0;
    };
    for (const request of [...this.pending.values()]) {
      if (request.kind === 'subscribe') {
        const due = request.waiting.filter(isDue);
        if (due.length > 0) request.waiting = request.waiting.filter((waiting) => !isDue(waiting));
        for (const { observer } of due) observer.end(notAcknowledged(`subscribe to "${observer.filter}"`, timeout));
      } else if (request.call.caller?.closed === false && isDue(request)) {
        safeError(request.call.caller, notAcknowledged('unsubscribe', timeout));
      }
    }
    return next;
  }

  close(): void {
    this.starving?.unsubscribe();
  }

  /** @throws ProtocolError unless there is one code for each filter. */
  private answered(packet: SubackPacket | UnsubackPacket, filters: number): void {
    const { length } = packet.reasonCodes;
    if (length !== filters) {
      throw new ProtocolError(`${nameOf(packet)} has ${length} codes for ${filters} filters`, { reasonCode: 0x82 });
    }
    this.pending.delete(packet.packetId);
    this.ids.release(packet.packetId);
  }
}

/** Fails every observer and caller of these requests; no answer will come. */
export function failAll(
  requests: readonly UnansweredRequest[],
  errorOf: (what: 'subscribe' | 'unsubscribe', filter: string | undefined) => SubscribeError,
): void {
  for (const request of requests) {
    if (request.kind === 'unsubscribe') {
      safeError(request.call.caller, errorOf('unsubscribe', request.call.filters[0]));
      continue;
    }
    for (const { subscription, observers } of request.requested) {
      for (const observer of observers) observer.end(errorOf('subscribe', subscription.filter));
    }
  }
}

function timersOf(observers: readonly MessageSubscriber[]): Subscription | undefined {
  const impatient = observers.filter(({ request }) => request.ackTimeout !== undefined);
  if (impatient.length === 0) return undefined;
  const timers = new Subscription();
  for (const observer of impatient) {
    const timeout = observer.request.ackTimeout ?? Infinity;
    const late = (): void => observer.end(notAcknowledged(`subscribe to "${observer.filter}"`, timeout));
    timers.add(safeTimer(timeout).subscribe(late));
  }
  return timers;
}

function notAcknowledged(what: string, timeout: number): TimeoutError {
  return new TimeoutError(`${what} was not acknowledged within ${timeout} ms`);
}

function answersNothing(packet: SubackPacket | UnsubackPacket): ProtocolError {
  return new ProtocolError(`${nameOf(packet)} answers no request of ours`, { reasonCode: 0x82 });
}

const nameOf = ({ cmd, packetId }: SubackPacket | UnsubackPacket): string => `${cmd.toUpperCase()} ${packetId}`;

function withOptions({ filter, requestedQos, request }: FilterSubscription): FilterOptions {
  const { noLocal, retainAsPublished, retainHandling } = request;
  return { filter, qos: requestedQos, noLocal, retainAsPublished, retainHandling };
}

const withQos = ({ filter, requestedQos }: FilterSubscription): FilterOptions => ({ filter, qos: requestedQos });
