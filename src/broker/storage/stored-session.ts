import { defer, map, type Observable } from 'rxjs';
import type { WillPacket } from '../../packet/packets.js';
import { encodeBody, encodeState, momentOf } from '../../session/message-record.js';
import type { OutgoingPublish } from '../../session/outgoing-publish.js';
import { encodeJson } from '../../session/sealed-record.js';
import type { FanOut } from '../routing/fan-out.js';
import type { Share } from '../routing/recipient.js';
import type { Subscription } from '../routing/subscription.js';
import type { CreateOutgoing, SessionContents, SessionLog, SessionOwner, WillSender } from '../session/session-log.js';
import { messageName, openIdName, queuePrefix, sessionPrefix, stateName, subscriptionName } from './keys.js';
import type { MessageBodies, StoredBody } from './message-bodies.js';
import { readQueue } from './read-queue.js';
import type { RecordJournal } from './record-journal.js';
import { DRIFT, type MessageRecord, type QueueSize, type SessionRecord, type SubscriptionRecord } from './records.js';

/** One session in the store. Messages that an earlier process queued stay there until the client connects. */
export class StoredSession implements SessionLog {
  private readonly prefix: string;
  private readonly queue: string;
  /** By message number, once it is in memory. */
  private readonly bodies = new Map<number, StoredBody>();
  /** The messages that wait for the client, in memory or not. */
  private size: QueueSize;
  private isUnread: boolean;
  /** Where the unread part ends, and its size; known once reading has begun. */
  private readLimit: { readonly number: number; readonly size: QueueSize } | undefined = undefined;
  private described: SessionRecord;

  /** @param left - the session's record from an earlier process; undefined for a new session. */
  constructor(
    private readonly journal: RecordJournal,
    private readonly allBodies: MessageBodies,
    private readonly clientId: string,
    left?: SessionRecord,
  ) {
    this.prefix = sessionPrefix(clientId);
    this.queue = queuePrefix(clientId);
    this.isUnread = left !== undefined;
    this.described = left ?? { expiryInterval: 0, leftAt: -1, messages: 0, bytes: 0 };
    this.size = { messages: this.described.messages, bytes: this.described.bytes };
  }

  get unread(): QueueSize | undefined {
    return this.isUnread ? (this.readLimit?.size ?? this.size) : undefined;
  }

  read(create: CreateOutgoing): Observable<SessionContents> {
    const { journal, allBodies, clientId } = this;
    return defer(() => {
      // On a second try, read up to the same place: later messages are in memory.
      this.readLimit ??= { number: journal.lastNumber, size: this.size };
      return readQueue(journal, allBodies, clientId, this.readLimit.number);
    }).pipe(
      map(({ messages, openIds }) => {
        const open: OutgoingPublish[] = [];
        const queued: OutgoingPublish[] = [];
        for (const { key, body, content, grant, state } of messages) {
          const message = create(content.topic, content.payload, momentOf(content), grant);
          message.log = this;
          message.key = key;
          this.bodies.set(key, body);
          if (state === undefined) {
            queued.push(message);
            continue;
          }
          message.phase = state.phase;
          message.packetId = state.packetId;
          message.sent = true;
          open.push(message);
        }
        this.isUnread = false;
        this.recount([...open, ...queued]);
        return { open, queued, openIds };
      }),
    );
  }

  connected(expiryInterval: number, owner: SessionOwner, mountPoint: string): void {
    this.describe(expiryInterval, -1, owner, mountPoint === '' ? undefined : mountPoint);
    this.willPublished();
  }

  disconnected(
    expiryInterval: number,
    leftAt: number,
    will: WillPacket | undefined,
    dueAt: number,
    sender: WillSender | undefined,
  ): void {
    this.describe(expiryInterval, leftAt, this.described.owner, this.described.mountPoint);
    if (will === undefined) return;
    const { willDelayInterval: _, ...properties } = will.properties ?? {};
    this.journal.put(`${this.prefix}w`, encodeBody({ ...will, properties, acceptedAt: dueAt }));
    // The application's own data stays in memory.
    if (sender !== undefined) this.journal.put(`${this.prefix}c`, encodeJson({ ...sender, data: undefined }));
  }

  willPublished(): void {
    this.journal.delete(`${this.prefix}w`);
    this.journal.delete(`${this.prefix}c`);
  }

  subscribed(subscription: Subscription, retainedPending: boolean): void {
    const { filter, qos, noLocal, retainAsPublished, retainHandling, identifier } = subscription;
    const effective = subscription.effective === filter ? undefined : subscription.effective;
    const options = { qos, noLocal, retainAsPublished, retainHandling };
    const record: SubscriptionRecord = { filter, effective, ...options, identifier, owed: retainedPending };
    this.journal.put(this.prefix + subscriptionName(filter), encodeJson(record));
  }

  unsubscribed(filter: string): void {
    this.journal.delete(this.prefix + subscriptionName(filter));
  }

  take(message: OutgoingPublish, fanOut: FanOut, group: Share | undefined): boolean {
    const body = this.allBodies.add(fanOut);
    const { qos, retain, properties } = message;
    const identifiers = properties?.subscriptionIdentifier;
    const record: MessageRecord = {
      qos,
      retain,
      identifiers: identifiers === fanOut.message.properties?.subscriptionIdentifier ? undefined : identifiers,
      group: group === undefined ? undefined : [group.name, group.filter],
    };
    const key = this.journal.nextNumber();
    this.journal.put(this.queue + messageName(key, body.number), encodeJson(record));
    this.count(1, message.bytes);
    if (this.isUnread && this.readLimit === undefined) return false;
    message.key = key;
    message.log = this;
    this.allBodies.hold(body);
    this.bodies.set(key, body);
    return true;
  }

  accepted(): void {
    // It was recorded with the others that get the same message; QoS 0 is not recorded.
  }

  advanced(message: OutgoingPublish, then: () => void): void {
    this.journal.put(this.queue + stateName(message.key), encodeState(message));
    this.journal.whenDurable(then);
  }

  settled(message: OutgoingPublish): void {
    const { key } = message;
    const body = this.bodies.get(key);
    if (body === undefined) return;
    this.bodies.delete(key);
    this.journal.delete(this.queue + messageName(key, body.number));
    if (message.packetId !== 0) this.journal.delete(this.queue + stateName(key));
    this.allBodies.release(body);
    this.count(-1, -message.bytes);
  }

  received(packetId: number, then: () => void): void {
    this.journal.put(this.queue + openIdName(packetId), encodeJson({}));
    then();
  }

  released(packetId: number, then: () => void): void {
    this.journal.delete(this.queue + openIdName(packetId));
    then();
  }

  forget(packetIds: Iterable<number>): void {
    for (const packetId of packetIds) this.journal.delete(this.queue + openIdName(packetId));
  }

  whenDurable(listener: () => void): void {
    this.journal.whenDurable(listener);
  }

  ended(filters: Iterable<string>, openIds: Iterable<number>): void {
    for (const filter of filters) this.unsubscribed(filter);
    this.forget(openIds);
    this.journal.delete(`${this.prefix}m`);
    this.willPublished();
  }

  closed(): void {
    const { described, size } = this;
    if (size.messages !== described.messages || size.bytes !== described.bytes) this.write({ ...described, ...size });
  }

  private count(messages: number, bytes: number): void {
    const { described } = this;
    const size = { messages: this.size.messages + messages, bytes: this.size.bytes + bytes };
    this.size = size;
    const drift = Math.abs(size.messages - described.messages);
    if (drift >= DRIFT.messages || Math.abs(size.bytes - described.bytes) >= DRIFT.bytes) {
      this.write({ ...described, ...size });
    }
  }

  /** Corrects a size that the record had slightly wrong. */
  private recount(read: readonly OutgoingPublish[]): void {
    const { messages = 0, bytes = 0 } = this.readLimit?.size ?? {};
    const readBytes = read.reduce((sum, message) => sum + message.bytes, 0);
    this.count(read.length - messages, readBytes - bytes);
  }

  private describe(
    expiryInterval: number,
    leftAt: number,
    owner: SessionOwner | undefined,
    mountPoint: string | undefined,
  ): void {
    const expiry = expiryInterval === Infinity ? -1 : expiryInterval;
    this.write({ expiryInterval: expiry, leftAt, owner, mountPoint, ...this.size });
  }

  private write(record: SessionRecord): void {
    this.described = record;
    this.journal.put(`${this.prefix}m`, encodeJson(record));
  }
}
