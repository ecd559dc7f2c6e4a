import { take, type Observable, Subscription } from 'rxjs';
import { ProtocolError, TimeoutError } from '../errors.js';
import type {
  SubackPacket,
  SubscribePacket,
  Subscription as FilterOptions,
  UnsubackPacket,
  UnsubscribePacket,
} from '../packet/packets.js';
import { safeError } from '../rx/safe-observer.js';
import { safeTimer } from '../rx/safe-timer.js';
import type { PacketIds } from '../session/packet-ids.js';
import type { FilterSubscription, MessageSubscriber, RequestedFilter } from './filter-subscription.js';
import type { UnsubscribeCall } from './reconcile.js';
import type { SubscribeLimits } from './subscribe-errors.js';

/** The live connection, as subscriptions see it. */
export interface SubscribePort {
  readonly limits: SubscribeLimits;
  send(packet: SubscribePacket | UnsubscribePacket): void;
}

export interface RequestsOptions {
  /** The most filters in one packet. */
  readonly batchSize: number;
  /** Emits when a packet identifier may have become free. */
  readonly freed$: Observable<void>;
  /** ms that an answer may take; an observer may have a limit of its own. Default: any time. */
  readonly ackTimeout?: number | undefined;
}

interface Unanswered {
  /** How many codes the answer has. */
  readonly codes: number;
  /** Fail what waits too long; a late answer is ignored. */
  readonly deadlines: Subscription;
}

interface UnansweredSubscribe extends Unanswered {
  readonly requested: readonly RequestedFilter[];
}

interface UnansweredUnsubscribe extends Unanswered {
  readonly call: UnsubscribeCall;
  /** Subscriptions whose observers complete with the answer. */
  readonly leaving: readonly FilterSubscription[];
}

/** The requests that a lost connection did not answer. */
export interface Drained {
  readonly requested: readonly RequestedFilter[];
  readonly calls: readonly UnsubscribeCall[];
}

/** Sends SUBSCRIBE and UNSUBSCRIBE, and keeps them until they are answered or the connection is lost. */
export class Requests {
  private readonly subscribes = new Map<number, UnansweredSubscribe>();
  private readonly unsubscribes = new Map<number, UnansweredUnsubscribe>();
  private starving: Subscription | undefined;
  /** The most filters in one packet. */
  batchSize: number;

  constructor(
    /** Shared with the publishes of the session. */
    private readonly ids: PacketIds,
    private readonly options: RequestsOptions,
    /** A packet identifier may have become free after none was. */
    private readonly onFreed: () => void,
  ) {
    this.batchSize = options.batchSize;
  }

  /** A packet identifier for the next request; 0 when all are in use. */
  takeId(): number {
    const packetId = this.ids.take();
    if (packetId === 0) {
      this.starving ??= this.options.freed$.pipe(take(1)).subscribe(() => {
        this.starving = undefined;
        this.onFreed();
      });
    }
    return packetId;
  }

  subscribe(
    port: SubscribePort,
    packetId: number,
    subscriptions: readonly FilterSubscription[],
    identifier: number | undefined,
  ): void {
    const v5 = port.limits.protocolVersion === 5;
    const requested = subscriptions.map((subscription) => subscription.requested(packetId, identifier, v5));
    const deadlines = this.deadlinesOf(requested.flatMap(({ observers }) => observers));
    // Beforehand, because the answer may come before this returns.
    this.subscribes.set(packetId, { requested, codes: requested.length, deadlines });
    const properties = { ...subscriptions[0]?.request.properties };
    if (identifier !== undefined) properties.subscriptionIdentifier = identifier;
    port.send({
      cmd: 'subscribe',
      packetId,
      subscriptions: subscriptions.map(v5 ? withOptions : withQos),
      properties: v5 ? properties : undefined,
    });
  }

  unsubscribe(port: SubscribePort, packetId: number, call: UnsubscribeCall, leaving: FilterSubscription[]): void {
    const { filters, properties, caller } = call;
    const { ackTimeout = Infinity } = this.options;
    const late = (): void => safeError(caller, notAcknowledged('unsubscribe', ackTimeout));
    // Only MQTT 5 has codes.
    const codes = port.limits.protocolVersion === 5 ? filters.length : 0;
    this.unsubscribes.set(packetId, { call, leaving, codes, deadlines: safeTimer(ackTimeout).subscribe(late) });
    port.send({ cmd: 'unsubscribe', packetId, filters, properties });
  }

  /** Returns the filters that SUBACK answers. */
  subscribed(packet: SubackPacket): readonly RequestedFilter[] {
    return this.answered(this.subscribes, packet).requested;
  }

  /** Returns what UNSUBACK answers. */
  unsubscribed(packet: UnsubackPacket): UnansweredUnsubscribe {
    return this.answered(this.unsubscribes, packet);
  }

  /** The filters whose SUBSCRIBE is not answered. */
  get unanswered(): readonly RequestedFilter[] {
    return [...this.subscribes.values()].flatMap(({ requested }) => requested);
  }

  /** The broker refuses packets with so many filters: the next ones have half as many as the largest unanswered one. */
  halveBatches(): void {
    const largest = Math.max(1, ...[...this.subscribes.values()].map(({ requested }) => requested.length));
    if (largest > 1) this.batchSize = Math.ceil(largest / 2);
  }

  /** The connection is lost: returns what will not be answered. */
  drain(): Drained {
    const drained = { requested: this.unanswered, calls: [...this.unsubscribes.values()].map(({ call }) => call) };
    for (const pending of [this.subscribes, this.unsubscribes]) {
      for (const [packetId, { deadlines }] of pending) {
        deadlines.unsubscribe();
        this.ids.release(packetId);
      }
      pending.clear();
    }
    return drained;
  }

  close(): Drained {
    this.starving?.unsubscribe();
    return this.drain();
  }

  /** @throws ProtocolError unless it answers a request, with one code for each filter. */
  private answered<R extends Unanswered>(pending: Map<number, R>, packet: SubackPacket | UnsubackPacket): R {
    const { packetId } = packet;
    const name = `${packet.cmd.toUpperCase()} ${packetId}`;
    const request = pending.get(packetId);
    if (request === undefined) throw violation(`${name} answers no request of ours`);
    const { length } = packet.reasonCodes;
    if (length !== request.codes) throw violation(`${name} has ${length} codes for ${request.codes} filters`);
    request.deadlines.unsubscribe();
    pending.delete(packetId);
    this.ids.release(packetId);
    return request;
  }

  /** Fails observers that wait too long; a late answer is ignored. Those with the same limit share a timer. */
  private deadlinesOf(observers: readonly MessageSubscriber[]): Subscription {
    const limitOf = ({ request }: MessageSubscriber): number =>
      request.ackTimeout ?? this.options.ackTimeout ?? Infinity;
    const deadlines = new Subscription();
    for (const limit of new Set(observers.map(limitOf))) {
      if (limit === Infinity) continue;
      const waiting = observers.filter((observer) => limitOf(observer) === limit);
      const fail = (): void => {
        for (const observer of waiting) {
          observer.end(notAcknowledged(`subscribe to "${observer.subscription.filter}"`, limit));
        }
      };
      deadlines.add(safeTimer(limit).subscribe(fail));
    }
    return deadlines;
  }
}

function notAcknowledged(what: string, timeout: number): TimeoutError {
  return new TimeoutError(`${what} was not acknowledged within ${timeout} ms`);
}

function violation(problem: string): ProtocolError {
  return new ProtocolError(problem, { reasonCode: 0x82 });
}

function withOptions({ filter, requestedQos, request }: FilterSubscription): FilterOptions {
  const { noLocal, retainAsPublished, retainHandling } = request;
  return { filter, qos: requestedQos, noLocal, retainAsPublished, retainHandling };
}

const withQos = ({ filter, requestedQos }: FilterSubscription): FilterOptions => ({ filter, qos: requestedQos });
