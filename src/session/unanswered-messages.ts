import type { PublishPacket } from '../packet/publish-packet.js';
import type { PendingAck } from './pending-ack.js';

/**
 * QoS 2 messages that were delivered and whose answer must wait: their holders have left, or the connection has ended.
 * They belong to the session.
 */
export class UnansweredMessages {
  private readonly byId = new Map<number, PendingAck>();

  /** A message at QoS 1 is not among them: it comes again as if it had never come. */
  add(pending: PendingAck): void {
    if (pending.qos === 2) this.byId.set(pending.packetId, pending);
  }

  /** What is left of a message that is sent again now; a new message may use the identifier of one that is gone. */
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
