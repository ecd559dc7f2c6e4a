import type { PublishPacket } from '../packet/publish-packet.js';
import type { PendingAck } from './pending-ack.js';

/**
 * Delivered QoS 2 messages whose answer must wait because their holders have left or the connection ended. They belong
 * to the session.
 */
export class UnansweredMessages {
  private readonly byId = new Map<number, PendingAck>();

  /** Ignores QoS 1: such a message is delivered again as if it were new. */
  add(pending: PendingAck): void {
    if (pending.qos === 2) this.byId.set(pending.packetId, pending);
  }

  /** The earlier delivery of a message that is resent now. Without DUP, a new message reuses the identifier. */
  take({ packetId, dup }: PublishPacket): PendingAck | undefined {
    const pending = this.byId.get(packetId);
    if (pending === undefined) return undefined;
    this.byId.delete(packetId);
    return dup ? pending : undefined;
  }

  delete(packetId: number): void {
    this.byId.delete(packetId);
  }

  clear(): void {
    this.byId.clear();
  }
}
