import { ProtocolError } from '../errors.js';
import type { AckPacket } from '../packet/packets.js';
import type { PublishPacket } from '../packet/publish-packet.js';
import type { AckPort, AckQueue } from './ack-queue.js';
import type { IncomingLog } from './message-log.js';
import { InboundAliases } from './inbound-aliases.js';

export interface ReceiverOptions {
  /** QoS 2 identifiers between PUBREC and PUBREL. They belong to the session and outlive the connection. */
  readonly openIds: Set<number>;
  /** Persists these identifiers. */
  readonly log?: IncomingLog | undefined;
  /** This connection's acknowledgements. */
  readonly acks: AckQueue;
  readonly port: AckPort;
  /** The Receive Maximum we announced; 65535 if we did not, `Infinity` if the protocol has none (3.1.1). */
  readonly receiveMaximum: number;
  /** The Topic Alias Maximum we announced; 0 if we did not. */
  readonly topicAliasMaximum: number;
}

/**
 * The receiving side of one connection: resolves topic aliases, answers PUBLISH by QoS [MQTT-3.3.4-1], and lets a QoS 2
 * message through once, at PUBLISH, remembering its identifier until PUBREL [MQTT-4.3.3-10]. A message is delivered
 * between {@link begin} and {@link end}.
 */
export class Receiver {
  private readonly aliases: InboundAliases;
  /** Identifiers from earlier connections count against this window only if they are resent on this connection. */
  private readonly inherited: Set<number>;

  constructor(private readonly options: ReceiverOptions) {
    this.aliases = new InboundAliases(options.topicAliasMaximum);
    this.inherited = new Set(options.openIds);
  }

  /**
   * PUBLISH. Returns whether it is to be delivered; {@link end} must follow then.
   * @throws ProtocolError if the peer breaks the rules
   */
  begin(packet: PublishPacket): boolean {
    const { acks, openIds, receiveMaximum } = this.options;
    const alias = packet.properties?.topicAlias;
    if (alias !== undefined) this.aliases.resolve(packet, alias);
    if (packet.qos === 0) return true;
    if (openIds.has(packet.packetId)) {
      if (packet.qos === 1) throw idInUse(packet);
      this.inherited.delete(packet.packetId);
      acks.answer(2, packet.packetId);
      return false;
    }
    if (acks.size > 0 && acks.isPending(packet.packetId)) return false;
    const received = openIds.size - this.inherited.size;
    // Count exactly only at the bound: an open identifier with an outstanding answer is one message, not two.
    if (received + acks.size >= receiveMaximum && received + acks.sizeWithout(openIds) >= receiveMaximum) {
      throw windowExceeded(receiveMaximum);
    }
    return acks.begin(packet);
  }

  /**
   * The message was delivered, even if its connection was lost meanwhile: it is answered unless an observer holds it.
   */
  end(packet: PublishPacket): void {
    if (packet.qos !== 0) this.options.acks.end(packet);
  }

  /**
   * PUBREL. A repeated one is answered like the first [MQTT-4.3.3-11].
   * @throws ProtocolError when it came before our PUBREC
   */
  released(packet: AckPacket): void {
    const { acks, log, openIds, port } = this.options;
    const { packetId } = packet;
    const known = openIds.delete(packetId);
    this.inherited.delete(packetId);
    if (!known && acks.isPending(packetId)) throw tooEarly(packet);
    if (!known || log === undefined) return port.acknowledge('pubcomp', packetId, known ? 0 : 0x92);
    log.released(packetId, () => port.acknowledge('pubcomp', packetId, 0));
  }

  /** The connection is gone. */
  close(): void {
    this.options.acks.close();
  }
}

/** [MQTT-3.3.4-9] seen from the receiving side. */
function windowExceeded(receiveMaximum: number): ProtocolError {
  return new ProtocolError(`the peer has more than ${receiveMaximum} QoS 1 and 2 messages unacknowledged`, {
    reasonCode: 0x93,
  });
}

function idInUse(packet: PublishPacket): ProtocolError {
  return new ProtocolError(`PUBLISH ${packet.packetId} at QoS 1 uses the packet identifier of an open QoS 2 exchange`, {
    reasonCode: 0x82,
  });
}

function tooEarly(packet: AckPacket): ProtocolError {
  return new ProtocolError(`PUBREL ${packet.packetId} came before our PUBREC`, { reasonCode: 0x82 });
}
