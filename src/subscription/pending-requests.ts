import type { Subscriber } from 'rxjs';
import { ProtocolError } from '../errors.js';
import type { QoS, SubackPacket, UnsubackPacket, UnsubscribeProperties } from '../packet/packets.js';
import type { SomeMembers, SubscriptionEntry } from './subscription-entry.js';
import type { SubscriptionInfo } from './subscription-info.js';

/** One filter of a SUBSCRIBE that waits for its SUBACK, and the observers whom the answer concerns. */
export interface AskedFilter {
  readonly entry: SubscriptionEntry;
  /** Emptied once they were told that it takes too long. */
  members: SomeMembers;
  /** The entry's `round` at the time. */
  readonly round: number;
  /** What the broker had granted to observers whom the answer does not concern; undefined where there are none. */
  readonly before: { readonly info: SubscriptionInfo; readonly askedQos: QoS } | undefined;
}

/** A SUBSCRIBE or UNSUBSCRIBE that was sent on this connection and not answered yet. */
export type PendingRequest = (
  | { readonly kind: 'subscribe'; readonly asked: readonly AskedFilter[] }
  | {
      readonly kind: 'unsubscribe';
      readonly filters: readonly string[];
      readonly properties: UnsubscribeProperties | undefined;
      /** Who called `unsubscribe()`; undefined when the last observer left. */
      caller: Subscriber<readonly number[]> | undefined;
    }
) & {
  /** ms of the scheduler; `Infinity` once somebody was told that it takes too long. */
  sentAt: number;
};

/** The requests of one connection, by packet identifier. */
export class PendingRequests {
  private readonly requests = new Map<number, PendingRequest>();

  add(packetId: number, request: PendingRequest): void {
    this.requests.set(packetId, request);
  }

  /** The request that this packet answers. Errors with `ProtocolError` when it answers none, or not all of it. */
  take<K extends PendingRequest['kind']>(
    kind: K,
    packet: SubackPacket | UnsubackPacket,
    counted: boolean,
  ): Extract<PendingRequest, { kind: K }> {
    const request = this.requests.get(packet.packetId);
    const name = `${packet.cmd.toUpperCase()} ${packet.packetId}`;
    if (request?.kind !== kind) throw new ProtocolError(`${name} answers no request of ours`, { reasonCode: 0x82 });
    const expected = request.kind === 'subscribe' ? request.asked.length : request.filters.length;
    if (counted && packet.reasonCodes.length !== expected) {
      throw new ProtocolError(`${name} has ${packet.reasonCodes.length} codes for ${expected} filters`, {
        reasonCode: 0x82,
      });
    }
    this.requests.delete(packet.packetId);
    return request as Extract<PendingRequest, { kind: K }>;
  }

  [Symbol.iterator](): Iterator<PendingRequest> {
    return this.requests.values();
  }

  /** All that is open, with its packet identifiers; empty afterwards. */
  drain(): [packetId: number, request: PendingRequest][] {
    const all = [...this.requests];
    this.requests.clear();
    return all;
  }
}
