import type { OperatorFunction } from 'rxjs';
import type { AckPacket, Packet } from '../packet/packets.js';
import { operate } from '../rx/operate.js';
import type { Sender } from './sender.js';

/** The packets that remain once the answers to our own PUBLISH are taken out. */
export type AfterAcknowledge = Exclude<Packet, AckPacket> | (AckPacket & { cmd: 'pubrel' });

/**
 * Hands PUBACK, PUBREC and PUBCOMP to the sender and passes every other packet on. Errors with `ProtocolError` when an
 * acknowledgement does not fit its exchange.
 */
export function acknowledge(sender: Sender): OperatorFunction<Packet, AfterAcknowledge> {
  return operate((subscriber) => (packet) => {
    switch (packet.cmd) {
      case 'puback':
      case 'pubrec':
      case 'pubcomp':
        return sender.acknowledged(packet);
      default:
        subscriber.next(packet as AfterAcknowledge);
    }
  });
}
