import type { WillPacket } from '../packet/packets.js';
import type { IncomingLog, OutgoingLog } from '../session/message-log.js';
import { encodeBody, encodeState } from '../session/message-record.js';
import type { Outgoing } from '../session/outgoing.js';
import { encodeJson } from '../session/sealed-record.js';
import type { BrokerStorage, StoredBody } from './broker-storage.js';
import type { ClientSubscription } from './client-subscription.js';
import type { FanOut } from './fan-out.js';
import type { SharedGroup } from './shared-group.js';

/** What a record says of a session as such. */
export interface SessionRecord {
  /** Seconds; -1 for ever. */
  readonly expiryInterval: number;
  /** When its connection ended, ms since 1970; -1 while it has one. */
  readonly leftAt: number;
}

/** What a record says of one subscription. */
export interface SubscriptionRecord {
  readonly filter: string;
  readonly qos: 0 | 1 | 2;
  readonly noLocal: boolean;
  readonly retainAsPublished: boolean;
  readonly retainHandling: 0 | 1 | 2;
  readonly identifier: number;
  /** What is retained was not sent to the end yet. */
  readonly owed: boolean;
}

/** What a record says of one message for this session; its topic and payload are in a record that others share. */
export interface MessageRecord {
  /** The number of that record. */
  readonly body: number;
  readonly qos: 0 | 1 | 2;
  readonly retain: boolean;
  /** The subscription identifiers. */
  readonly identifiers?: number | readonly number[] | undefined;
  /** The shared subscription that it came by. */
  readonly group?: readonly [name: string, filter: string] | undefined;
}

/**
 * Writes one session to the store: itself (`m`), its will while it waits for its delay (`w`), its subscriptions (`f`),
 * its messages (`r`) with their state (`s`), and the identifiers of QoS 2 messages that are open (`i`).
 */
export class StoredSession implements OutgoingLog, IncomingLog {
  private readonly prefix: string;
  private readonly bodies = new Map<number, StoredBody>();

  constructor(
    private readonly storage: BrokerStorage,
    clientId: string,
  ) {
    this.prefix = `${storage.prefix}s/${encodeURIComponent(clientId)}/`;
  }

  /** It has a connection. */
  present(expiryInterval: number): void {
    this.describe(expiryInterval, -1);
    this.storage.delete(`${this.prefix}w`);
  }

  /** It has lost its connection; `will` is still to be published, at `dueAt`. */
  absent(expiryInterval: number, leftAt: number, will: WillPacket | undefined, dueAt: number): void {
    this.describe(expiryInterval, leftAt);
    if (will === undefined) return;
    const { willDelayInterval: _, ...properties } = will.properties ?? {};
    this.storage.put(`${this.prefix}w`, encodeBody({ ...will, properties, acceptedAt: dueAt }));
  }

  willPublished(): void {
    this.storage.delete(`${this.prefix}w`);
  }

  /** @param owed - what is retained is still to be sent to it. */
  subscribed(subscription: ClientSubscription, owed: boolean): void {
    const { filter, qos, noLocal, retainAsPublished, retainHandling, identifier } = subscription;
    const record: SubscriptionRecord = { filter, qos, noLocal, retainAsPublished, retainHandling, identifier, owed };
    this.storage.put(this.keyOf(filter), encodeJson(record));
  }

  unsubscribed(filter: string): void {
    this.storage.delete(this.keyOf(filter));
  }

  /** Takes a message before the session sends or queues it. */
  take(message: Outgoing, fanOut: FanOut, group: SharedGroup | undefined): void {
    const body = this.storage.bodyOf(fanOut);
    const { qos, retain, properties } = message;
    const identifiers = properties?.subscriptionIdentifier;
    const record: MessageRecord = {
      body: body.number,
      qos,
      retain,
      identifiers: identifiers === fanOut.message.properties?.subscriptionIdentifier ? undefined : identifiers,
      group: group === undefined ? undefined : [group.name, group.filter],
    };
    message.key = this.storage.nextNumber();
    message.log = this;
    this.bodies.set(message.key, body);
    this.storage.put(this.nameOf('r', message.key), encodeJson(record));
  }

  /** A message that the store has already. */
  restored(message: Outgoing, key: number, body: StoredBody): void {
    message.key = key;
    message.log = this;
    this.bodies.set(key, body);
  }

  accepted(): void {
    // It was taken with the others that get the same message; QoS 0 is not remembered.
  }

  advanced(message: Outgoing, then: () => void): void {
    this.storage.put(this.nameOf('s', message.key), encodeState(message));
    this.storage.whenDurable(then);
  }

  settled(message: Outgoing): void {
    const body = this.bodies.get(message.key);
    if (body === undefined) return;
    this.bodies.delete(message.key);
    this.storage.delete(this.nameOf('r', message.key));
    if (message.packetId !== 0) this.storage.delete(this.nameOf('s', message.key));
    this.storage.release(body);
  }

  /** The port that the answer goes through waits for the store by itself. */
  received(packetId: number, then: () => void): void {
    this.storage.put(this.nameOf('i', packetId), encodeJson({}));
    then();
  }

  released(packetId: number, then: () => void): void {
    this.storage.delete(this.nameOf('i', packetId));
    then();
  }

  forget(packetIds: Iterable<number>): void {
    for (const packetId of packetIds) this.storage.delete(this.nameOf('i', packetId));
  }

  /** The session has ended; its messages and subscriptions are forgotten one by one. */
  ended(openIds: Iterable<number>): void {
    this.forget(openIds);
    this.storage.delete(`${this.prefix}m`);
    this.storage.delete(`${this.prefix}w`);
  }

  private describe(expiryInterval: number, leftAt: number): void {
    const record: SessionRecord = { expiryInterval: expiryInterval === Infinity ? -1 : expiryInterval, leftAt };
    this.storage.put(`${this.prefix}m`, encodeJson(record));
  }

  private keyOf(filter: string): string {
    return `${this.prefix}f${encodeURIComponent(filter)}`;
  }

  private nameOf(kind: 'r' | 's' | 'i', number: number): string {
    return `${this.prefix}${kind}${String(number).padStart(15, '0')}`;
  }
}
