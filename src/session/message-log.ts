import type { OutgoingPublish, StepLog } from './outgoing-publish.js';

/**
 * Remembers outgoing messages beyond the process, each step before it shows on the wire. What is passed as `then` is
 * called when the step is durable; steps of a message, and of different messages, become durable in order.
 */
export interface OutgoingLog extends StepLog {
  /** The message was taken over from the application. */
  accepted(message: OutgoingPublish): void;
}

/** Remembers which QoS 2 messages of the peer are between PUBREC and PUBREL. */
export interface IncomingLog {
  /** PUBREC is about to be sent. */
  received(packetId: number, then: () => void): void;
  /** PUBCOMP is about to be sent. */
  released(packetId: number, then: () => void): void;
  /** The session is gone. */
  forget(packetIds: Iterable<number>): void;
}
