import type { Observable } from 'rxjs';
import type { WillPacket } from '../../packet/packets.js';
import type { AckPort } from '../../session/ack-queue.js';
import type { IncomingLog, OutgoingLog } from '../../session/message-log.js';
import type { OutgoingPublish } from '../../session/outgoing-publish.js';
import type { FanOut } from '../routing/fan-out.js';
import type { Grant, Share } from '../routing/recipient.js';
import type { Subscription } from '../routing/subscription.js';

/** What waits for a client, as its session reads it back. */
export interface SessionContents {
  /** Sent and not acknowledged, in the order of sending. */
  readonly open: readonly OutgoingPublish[];
  /** Never sent, in their order. */
  readonly queued: readonly OutgoingPublish[];
  /** QoS 2 messages of the client between PUBREC and PUBREL. */
  readonly openIds: readonly number[];
}

/** Makes a message of a session from what its log remembers. */
export type CreateOutgoing = (topic: string, payload: Uint8Array, acceptedAt: number, grant: Grant) => OutgoingPublish;

/**
 * Remembers one session beyond its process. Each change is durable once {@link whenDurable} says so; changes become
 * durable in their order.
 */
export interface SessionLog extends OutgoingLog, IncomingLog {
  /**
   * What waits for the client and is not in memory. Undefined once {@link read} has completed, and for a session that
   * began in this process.
   */
  readonly unread: { readonly messages: number; readonly bytes: number } | undefined;
  /**
   * Reads what is unread, emits it once and completes; errors with an `MqttError` of the code `STORE`, and can be tried
   * again then. Those who subscribe while it is being read share that.
   */
  read(create: CreateOutgoing): Observable<SessionContents>;
  /**
   * Takes a message before the session sends or queues it.
   * @returns false when it was put behind what is unread: it will be read with the rest.
   */
  take(message: OutgoingPublish, fanOut: FanOut, group: Share | undefined): boolean;
  whenDurable(listener: () => void): void;
  /** The session has a connection. */
  connected(expiryInterval: number): void;
  /** The session has lost its connection; `will` is still to be published, at `dueAt`. */
  disconnected(expiryInterval: number, leftAt: number, will: WillPacket | undefined, dueAt: number): void;
  willPublished(): void;
  /** @param retainedPending - what is retained is still to be sent to it. */
  subscribed(subscription: Subscription, retainedPending: boolean): void;
  unsubscribed(filter: string): void;
  /** The session has ended, and its messages were settled one by one: what is left of it is forgotten. */
  ended(filters: Iterable<string>, openIds: Iterable<number>): void;
  /** The process ends in order, and the session goes on in the next one. */
  closed(): void;
}

/** Where sessions that outlive their connection are remembered. */
export interface SessionLogs {
  /** The log of a new session. */
  create(clientId: string): SessionLog;
  /** Acknowledgements of one connection: each leaves when everything that was logged before it is durable. */
  writeAhead(port: AckPort): AckPort;
}
