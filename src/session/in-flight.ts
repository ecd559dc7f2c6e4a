import type { AckPacket } from '../packet/packets.js';
import { type ByteTotal, MESSAGE_OVERHEAD } from './backlog.js';
import { Exchanges } from './exchanges.js';
import { Fifo } from '../fifo.js';
import { Phase, type OutgoingPublish } from './outgoing-publish.js';
import { PacketIds } from './packet-ids.js';
import { publishTimedOut } from './publish-timed-out.js';
import { outOfOrder } from './send-errors.js';

/**
 * The messages in flight, in the order of sending [MQTT-4.6.0-1]: each has a packet identifier and awaits its last
 * acknowledgement. They outlive connections and are resent on the next one.
 */
export class InFlight implements Iterable<OutgoingPublish> {
  readonly ids = new PacketIds();
  private readonly open = new Exchanges();
  /** Messages that this connection has not carried yet: they are resent first. */
  readonly resendQueue = new Fifo<OutgoingPublish>();
  /** Identifiers of messages that were given up; they stay taken until the session ends. */
  private readonly retired: number[] = [];
  bytes = 0;
  /** Messages that were acknowledged to the end, or given up. */
  finished = 0;

  /** @param total - also counts these bytes. */
  constructor(private readonly total?: ByteTotal) {}

  get size(): number {
    return this.open.size;
  }

  /** How many messages count against this connection's window: derived, so that no second counter can drift. */
  get windowUsed(): number {
    return this.open.size - this.resendQueue.size;
  }

  [Symbol.iterator](): Iterator<OutgoingPublish> {
    return this.open[Symbol.iterator]();
  }

  get(packetId: number): OutgoingPublish | undefined {
    return this.open.get(packetId);
  }

  /**
   * The message that PUBACK, PUBREC or PUBCOMP answers; undefined when there is none.
   * @throws ProtocolError when the answer does not fit the exchange.
   */
  answeredBy(packet: AckPacket): OutgoingPublish | undefined {
    if (packet.cmd === 'pubrel') throw outOfOrder(packet, 'the sender');
    const message = this.open.get(packet.packetId);
    // A message that this connection has not carried cannot be acknowledged on it.
    if (message?.onWire !== true) return undefined;
    if (packet.cmd === 'puback' && message.qos !== 1) throw outOfOrder(packet, 'a QoS 2 message');
    if (packet.cmd === 'pubrec' && message.qos !== 2) throw outOfOrder(packet, 'a QoS 1 message');
    if (packet.cmd === 'pubcomp' && message.phase !== Phase.RELEASED) {
      throw outOfOrder(packet, 'a message that was not released');
    }
    return message;
  }

  begin(message: OutgoingPublish): void {
    message.packetId = this.ids.take();
    message.phase = Phase.PUBLISHED;
    this.open.add(message);
    this.count(1, message.bytes);
  }

  finish(message: OutgoingPublish): void {
    this.open.remove(message);
    this.finished++;
    this.count(-1, -message.bytes);
    this.ids.release(message.packetId);
  }

  /** Removes a message that the peer may know: another one with its identifier could be taken for a repetition. */
  retire(message: OutgoingPublish): void {
    this.open.remove(message);
    this.count(-1, -message.bytes);
    this.retired.push(message.packetId);
  }

  /** Adds a message of an earlier process. */
  restore(message: OutgoingPublish): void {
    this.ids.reserve(message.packetId);
    this.open.add(message);
    this.count(1, message.bytes);
  }

  /** Queues everything for a new connection: in the order of sending, or messages past PUBREC first. */
  rewind(releasedFirst = false): void {
    this.resendQueue.drain();
    const ahead = (message: OutgoingPublish): boolean => releasedFirst && message.phase === Phase.RELEASED;
    for (const message of this.open) {
      message.onWire = false;
      if (ahead(message)) this.resendQueue.push(message);
    }
    for (const message of this.open) if (!ahead(message)) this.resendQueue.push(message);
  }

  /**
   * Fails the observers of messages that are unacknowledged for `timeout` ms; the exchanges continue.
   * @returns the ms until the next one is due; `timeout` when none waits
   */
  failTimedOut(now: number, timeout: number): number {
    const late: OutgoingPublish[] = [];
    let next = timeout;
    for (const message of this.open) {
      if (message.observer === undefined || message.sentAt === undefined) continue;
      const left = message.sentAt + timeout - now;
      if (left > 0) {
        next = left;
        break;
      }
      late.push(message);
    }
    for (const message of late) message.tell(publishTimedOut(message.topic, timeout));
    return next;
  }

  /** Removes and returns all messages. */
  drain(): OutgoingPublish[] {
    this.resendQueue.drain();
    const all = this.open.drain();
    this.count(-all.length, -this.bytes);
    for (const { packetId } of all) this.ids.release(packetId);
    for (const packetId of this.retired.splice(0)) this.ids.release(packetId);
    return all;
  }

  private count(messages: number, bytes: number): void {
    this.bytes += bytes;
    if (this.total !== undefined) this.total.bytes += bytes + messages * MESSAGE_OVERHEAD;
  }
}
