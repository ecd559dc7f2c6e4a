import type { OperatorFunction } from 'rxjs';
import type { Packet, SubackPacket, UnsubackPacket } from '../packet/packets.js';
import { operate } from '../rx/operate.js';
import type { SubscriptionRegistry } from './registry.js';

/** Hands SUBACK and UNSUBACK to the registry and passes on every other packet. */
export function answers<P extends Packet>(
  registry: SubscriptionRegistry,
): OperatorFunction<P, Exclude<P, SubackPacket | UnsubackPacket>> {
  return operate((subscriber) => (packet) => {
    switch (packet.cmd) {
      case 'suback':
        return registry.subscribed(packet);
      case 'unsuback':
        return registry.unsubscribed(packet);
      default:
        subscriber.next(packet as Exclude<P, SubackPacket | UnsubackPacket>);
    }
  });
}
