import { asyncScheduler, take, type Observable, type Subscriber, type Subscription } from 'rxjs';
import type {
  SubackPacket,
  SubscribePacket,
  SubscribeProperties,
  Subscription as FilterOptions,
  UnsubackPacket,
  UnsubscribePacket,
  UnsubscribeProperties,
} from '../packet/packets.js';
import { utf8Length } from '../utf8.js';
import { inPieces } from './in-pieces.js';
import { PendingRequests, type AskedFilter, type PendingRequest } from './pending-requests.js';
import { unsubscribeSize } from './request-size.js';
import { tooLarge } from './subscribe-errors.js';
import type { SubscriptionEntry } from './subscription-entry.js';
import type { SubscriptionRequest } from './subscription-request.js';
import { NO_IDENTIFIERS } from './terms.js';

/** What the broker said at CONNACK, as far as subscriptions are concerned. */
export interface SubscribeLimits {
  readonly protocolVersion: number;
  readonly maximumPacketSize: number;
  readonly wildcardSubscriptionAvailable: boolean;
  readonly sharedSubscriptionAvailable: boolean;
  readonly subscriptionIdentifiersAvailable: boolean;
}

/** The live connection as subscriptions see it. */
export interface SubscribePort {
  readonly limits: SubscribeLimits;
  send(packet: SubscribePacket | UnsubscribePacket): void;
}

/** Packet identifiers, shared with the publishes of the session. */
export interface Identifiers {
  take(): number;
  release(id: number): void;
}

/** What one SUBSCRIBE or UNSUBSCRIBE holds at most, and when identifiers are free again. */
export interface RequestOptions {
  /** Filters a packet. */
  readonly batchSize: number;
  /** Emits when a packet identifier may be free again. */
  readonly freed$: Observable<void>;
}

/** One call of `unsubscribe()`. */
export interface UnsubscribeCall {
  readonly filters: readonly string[];
  readonly properties: UnsubscribeProperties | undefined;
  /** Undefined where nobody waits for the answer. */
  readonly caller: Subscriber<readonly number[]> | undefined;
}

const LAST_IDENTIFIER = 268_435_455;

/** What stands before a filter. */
const LENGTH = 2;

/** What the remaining length of a packet may grow by. */
const LONGER_HEADER = 3;

/**
 * SUBSCRIBE and UNSUBSCRIBE on the wire: packet identifiers, subscription identifiers, sizes, and the requests that
 * wait for their answer. What is wanted, and why, is the registry's business.
 */
export class SubscriptionRequests {
  readonly pending = new PendingRequests();
  private lastIdentifier = 0;
  private starving: Subscription | undefined;

  constructor(
    private readonly ids: Identifiers,
    private readonly options: RequestOptions,
    /** A packet identifier may be free again, after one was not. */
    private readonly onFreed: () => void,
  ) {}

  /** No subscription identifier that so many requests may still get is larger. */
  identifierAfter(requests: number): number {
    return Math.min(LAST_IDENTIFIER, this.lastIdentifier + requests);
  }

  /** Sends SUBSCRIBE for a batch; `ask` notes that an entry is asked for now. False when no packet identifier is free. */
  subscribe(
    port: SubscribePort,
    batch: readonly SubscriptionEntry[],
    ask: (entry: SubscriptionEntry, identifiers: readonly number[]) => AskedFilter,
  ): boolean {
    const packetId = this.takeId();
    if (packetId === 0) return false;
    const { protocolVersion, subscriptionIdentifiersAvailable } = port.limits;
    const request = batch[0]?.terms.request;
    const identifiers = subscriptionIdentifiersAvailable ? [this.identifierFor(request)] : NO_IDENTIFIERS;
    this.pending.add(packetId, {
      kind: 'subscribe',
      sentAt: asyncScheduler.now(),
      asked: batch.map((entry) => ask(entry, identifiers)),
    });
    const v5 = protocolVersion === 5;
    port.send({
      cmd: 'subscribe',
      packetId,
      subscriptions: batch.map((entry) =>
        v5 ? withOptions(entry) : { filter: entry.filter, qos: entry.terms.askedQos },
      ),
      properties: v5 ? withIdentifier(request?.properties, identifiers) : undefined,
    });
    return true;
  }

  /** Sends UNSUBSCRIBE. False when no packet identifier is free. */
  unsubscribe(port: SubscribePort, { filters, properties, caller }: UnsubscribeCall): boolean {
    const { protocolVersion, maximumPacketSize } = port.limits;
    const size = unsubscribeSize(protocolVersion, filters, properties);
    if (caller !== undefined && size > maximumPacketSize) {
      caller.error(tooLarge(filters[0] ?? '', 'unsubscribe from', size, maximumPacketSize));
      return true;
    }
    const packetId = this.takeId();
    if (packetId === 0) return false;
    this.pending.add(packetId, { kind: 'unsubscribe', sentAt: asyncScheduler.now(), filters, properties, caller });
    port.send({ cmd: 'unsubscribe', packetId, filters, properties });
    return true;
  }

  /** Shares filters that nobody wants any more out among UNSUBSCRIBE packets. */
  packed(port: SubscribePort, filters: readonly string[]): string[][] {
    const { protocolVersion, maximumPacketSize } = port.limits;
    const overhead = unsubscribeSize(protocolVersion, [], undefined) + LONGER_HEADER;
    const limits = { maxFilters: this.options.batchSize, maxBytes: maximumPacketSize };
    return inPieces(filters, (filter) => LENGTH + utf8Length(filter), overhead, limits);
  }

  /** The filters that SUBACK answers. */
  subscribed(packet: SubackPacket): readonly AskedFilter[] {
    const { asked } = this.pending.take('subscribe', packet, true);
    this.ids.release(packet.packetId);
    return asked;
  }

  /** The call that UNSUBACK answers; it has codes to count on MQTT 5 only. */
  unsubscribed(packet: UnsubackPacket, hasCodes: boolean): UnsubscribeCall {
    const call = this.pending.take('unsubscribe', packet, hasCodes);
    this.ids.release(packet.packetId);
    return call;
  }

  /** The connection is gone: these will not be answered. */
  lost(): PendingRequest[] {
    return this.pending.drain().map(([packetId, request]) => {
      this.ids.release(packetId);
      return request;
    });
  }

  close(): void {
    this.starving?.unsubscribe();
  }

  private takeId(): number {
    const packetId = this.ids.take();
    if (packetId !== 0) return packetId;
    this.starving ??= this.options.freed$.pipe(take(1)).subscribe(() => {
      this.starving = undefined;
      this.onFreed();
    });
    return 0;
  }

  private identifierFor(request: SubscriptionRequest | undefined): number {
    const chosen = request?.properties?.subscriptionIdentifier;
    if (typeof chosen === 'number') return chosen;
    this.lastIdentifier = this.lastIdentifier === LAST_IDENTIFIER ? 1 : this.lastIdentifier + 1;
    return this.lastIdentifier;
  }
}

function withOptions({ filter, terms }: SubscriptionEntry): FilterOptions {
  const { askedQos, request } = terms;
  const { noLocal, retainAsPublished, retainHandling } = request;
  return { filter, qos: askedQos, noLocal, retainAsPublished, retainHandling };
}

function withIdentifier(
  properties: SubscribeProperties | undefined,
  [identifier]: readonly number[],
): SubscribeProperties {
  return identifier === undefined ? { ...properties } : { ...properties, subscriptionIdentifier: identifier };
}
