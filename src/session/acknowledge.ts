import type { OperatorFunction } from 'rxjs';
import type { AckPacket, Packet } from '../packet/packets.js';
import { operate } from '../rx/operate.js';
import type { Sender } from './sender.js';

/** What is left of the packets once the answers to our own PUBLISH are taken out. */
export type AfterAcknowledge = Exclude<Packet, AckPacket> | (AckPacket & { cmd: 'pubrel' });

/**
 * Hands PUBACK, PUBREC and PUBCOMP to the sender, which finds the exchange by its packet identifier, and lets every
 * other packet pass. Errors with `ProtocolError` when an acknowledgement does not fit its exchange.
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
