import type { Subscriber } from 'rxjs';
import { ProtocolError } from '../errors.js';
import type { SubackPacket, UnsubackPacket } from '../packet/packets.js';
import type { Membership, SubscriptionEntry } from './subscription-entry.js';

/** One filter of a SUBSCRIBE that waits for its SUBACK, and the observers whom the answer concerns. */
export interface AskedFilter {
  readonly entry: SubscriptionEntry;
  readonly members: readonly Membership[];
}

/** A SUBSCRIBE or UNSUBSCRIBE that was sent on this connection and not answered yet. */
export type PendingRequest =
  | { readonly kind: 'subscribe'; readonly asked: readonly AskedFilter[] }
  | {
      readonly kind: 'unsubscribe';
      readonly filters: readonly string[];
      /** Who called `unsubscribe()`; undefined when the last observer left. */
      readonly caller: Subscriber<readonly number[]> | undefined;
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

  /** All that is open, with its packet identifiers; empty afterwards. */
  drain(): [packetId: number, request: PendingRequest][] {
    const all = [...this.requests];
    this.requests.clear();
    return all;
  }
}
