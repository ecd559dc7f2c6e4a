import type { OutgoingPublish, StepLog } from './outgoing-publish.js';

/**
 * Persists outgoing messages, each step before it goes on the wire. `then` is called when the step is durable. Steps
 * become durable in order, within a message and across messages.
 */
export interface OutgoingLog extends StepLog {
  /** The application handed over the message. */
  accepted(message: OutgoingPublish): void;
}

/** Persists which QoS 2 messages of the peer are between PUBREC and PUBREL. */
export interface IncomingLog {
  /** PUBREC is about to be sent. */
  received(packetId: number, then: () => void): void;
  /** PUBCOMP is about to be sent. */
  released(packetId: number, then: () => void): void;
  /** The session is gone. */
  forget(packetIds: Iterable<number>): void;
}
