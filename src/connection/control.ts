import type { OperatorFunction } from 'rxjs';
import { ProtocolError } from '../errors.js';
import type { AckPacket, Packet, PublishPacket } from '../packet/packets.js';
import { operate } from '../rx/operate.js';
import { disconnected } from './disconnected.js';

/** The packets that carry messages. */
export type MessagePacket = PublishPacket | (AckPacket & { cmd: 'pubrel' });

/**
 * Handles the packets about the connection itself, and passes on those that carry messages. Errors with `ConnectError`
 * on DISCONNECT, and with `ProtocolError` on a packet that a broker must not send at this point.
 */
export function control<P extends Packet>(onPong: () => void): OperatorFunction<P, MessagePacket> {
  return operate((subscriber) => (packet) => {
    switch (packet.cmd) {
      case 'publish':
        return subscriber.next(packet);
      case 'pubrel':
        return subscriber.next(packet as MessagePacket);
      case 'pingresp':
        return onPong();
      case 'disconnect':
        throw disconnected(packet);
      default:
        throw new ProtocolError(`the broker sent ${packet.cmd.toUpperCase()} out of order`, { reasonCode: 0x82 });
    }
  });
}
