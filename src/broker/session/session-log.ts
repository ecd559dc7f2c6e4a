import type { Observable } from 'rxjs';
import type { WillPacket } from '../../packet/packets.js';
import type { AckPort } from '../../session/ack-queue.js';
import type { IncomingLog, OutgoingLog } from '../../session/message-log.js';
import type { OutgoingPublish } from '../../session/outgoing-publish.js';
import type { ConnectedClient } from '../access/connected-client.js';
import type { MountPoint } from '../access/mount-point.js';
import type { Principal } from '../access/principal.js';
import type { FanOut } from '../routing/fan-out.js';
import type { Grant, Share } from '../routing/recipient.js';
import type { Subscription } from '../routing/subscription.js';

/** Who owns a session; see {@link Principal}. */
export type SessionOwner = Principal;

/** Whose will it is: the client as it connected. */
export type WillSender = ConnectedClient;

/** The messages of a session, as read from its log. */
export interface SessionContents {
  /** Sent and not acknowledged, in sending order. */
  readonly open: readonly OutgoingPublish[];
  /** Not sent yet, in order. */
  readonly queued: readonly OutgoingPublish[];
  /** QoS 2 messages of the client between PUBREC and PUBREL. */
  readonly openIds: readonly number[];
}

/** Makes a session's message from its record. */
export type CreateOutgoing = (
  topic: string,
  payload: Uint8Array,
  acceptedAt: number | undefined,
  grant: Grant,
) => OutgoingPublish;

/** Remembers one session beyond the process. Changes become durable in order; {@link whenDurable} tells when. */
export interface SessionLog extends OutgoingLog, IncomingLog {
  /**
   * The messages that wait for the client outside memory. Undefined once {@link read} has completed, and for a session
   * that began in this process.
   */
  readonly unread: { readonly messages: number; readonly bytes: number } | undefined;
  /**
   * Emits the unread messages once and completes. Errors with an `MqttError` of code `STORE`, and can then be tried
   * again. Concurrent subscribers share one read.
   */
  read(create: CreateOutgoing): Observable<SessionContents>;
  /**
   * Records a message before the session sends or queues it.
   * @returns false when it went behind unread messages: it will be read with them.
   */
  take(message: OutgoingPublish, fanOut: FanOut, group: Share | undefined): boolean;
  whenDurable(listener: () => void): void;
  /** The session has a connection, and belongs to this owner at this mount point. */
  connected(expiryInterval: number, owner: SessionOwner, mountPoint: MountPoint): void;
  /** The session has lost its connection; the will of `sender` is to be published at `dueAt`. Both are times of day. */
  disconnected(
    expiryInterval: number,
    leftAt: number,
    will: WillPacket | undefined,
    dueAt: number,
    sender: WillSender | undefined,
  ): void;
  willPublished(): void;
  /** @param retainedPending - its retained messages are still to be sent. */
  subscribed(subscription: Subscription, retainedPending: boolean): void;
  unsubscribed(filter: string): void;
  /** The session has ended, and its messages are settled: deletes the rest. */
  ended(filters: Iterable<string>, openIds: Iterable<number>): void;
  /** The process is shutting down; the session continues in the next one. */
  closed(): void;
}

/** Remembers the sessions that outlive their connection. */
export interface SessionLogs {
  /** The log of a new session. */
  create(clientId: string): SessionLog;
  /** Delays the acknowledgements of one connection until everything logged before them is durable. */
  writeAhead(port: AckPort): AckPort;
}
