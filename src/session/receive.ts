import type { OperatorFunction } from 'rxjs';
import type { AckPacket } from '../packet/packets.js';
import type { PublishPacket } from '../packet/publish-packet.js';
import { operate } from '../rx/operate.js';
import { Receiver, type ReceiverOptions } from './receiver.js';

/**
 * The {@link Receiver} as an operator: turns PUBLISH and PUBREL into messages, and acknowledges each once its observers
 * have returned. Errors with `ProtocolError` if the peer breaks the rules.
 */
export function receive(
  options: ReceiverOptions,
): OperatorFunction<PublishPacket | (AckPacket & { cmd: 'pubrel' }), PublishPacket> {
  return operate((subscriber) => {
    const receiver = new Receiver(options);
    subscriber.add(() => receiver.close());
    return (packet) => {
      if (packet.cmd === 'pubrel') return receiver.released(packet);
      if (!receiver.begin(packet)) return;
      try {
        subscriber.next(packet);
      } finally {
        receiver.end(packet);
      }
    };
  });
}
