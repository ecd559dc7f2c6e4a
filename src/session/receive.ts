import type { OperatorFunction } from 'rxjs';
import { ProtocolError } from '../errors.js';
import type { AckPacket } from '../packet/packets.js';
import type { PublishPacket } from '../packet/publish-packet.js';
import { operate } from '../rx/operate.js';
import type { AckPort, AckQueue } from './ack-queue.js';
import type { IncomingLog } from './message-log.js';
import { InboundAliases } from './inbound-aliases.js';

export interface ReceiveOptions {
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
 * Turns PUBLISH and PUBREL into messages: resolves topic aliases, answers by QoS [MQTT-3.3.4-1], and delivers a QoS 2
 * message once, on PUBLISH, remembering its identifier until PUBREL [MQTT-4.3.3-10].
 *
 * Errors with `ProtocolError` if the peer breaks the rules.
 */
export function receive(
  options: ReceiveOptions,
): OperatorFunction<PublishPacket | (AckPacket & { cmd: 'pubrel' }), PublishPacket> {
  return operate((subscriber) => {
    const { acks, log, openIds, port, receiveMaximum } = options;
    const aliases = new InboundAliases(options.topicAliasMaximum);
    /** Identifiers from earlier connections count against this window only if they are resent on this connection. */
    const inherited = new Set(openIds);
    subscriber.add(() => acks.close());

    return (packet) => {
      if (packet.cmd === 'pubrel') {
        const known = openIds.delete(packet.packetId);
        inherited.delete(packet.packetId);
        if (!known && acks.isPending(packet.packetId)) throw tooEarly(packet);
        // A repeated PUBREL is answered like the first [MQTT-4.3.3-11].
        if (!known || log === undefined) return port.acknowledge('pubcomp', packet.packetId, known ? 0 : 0x92);
        return log.released(packet.packetId, () => port.acknowledge('pubcomp', packet.packetId, 0));
      }
      aliases.resolve(packet);
      if (packet.qos === 0) return subscriber.next(packet);
      if (openIds.has(packet.packetId)) {
        if (packet.qos === 1) throw idInUse(packet);
        inherited.delete(packet.packetId);
        return acks.answer(2, packet.packetId);
      }
      if (acks.size > 0 && acks.isPending(packet.packetId)) return;
      const received = openIds.size - inherited.size;
      // Count exactly only at the bound: an open identifier with an outstanding answer is one message, not two.
      if (received + acks.size >= receiveMaximum && received + acks.sizeWithout(openIds) >= receiveMaximum) {
        throw windowExceeded(receiveMaximum);
      }
      if (!acks.begin(packet)) return;
      try {
        subscriber.next(packet);
      } finally {
        acks.end(packet);
      }
    };
  });
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
