import type { OperatorFunction } from 'rxjs';
import type { PacketDecoder } from '../packet/decoder.js';
import type { Packet } from '../packet/packets.js';
import { operate } from '../rx/operate.js';

/**
 * Bytes to packets, synchronously: all packets of a chunk are emitted before the chunk returns. Errors with
 * `ProtocolError` at the first malformed byte; nothing behind it is read.
 */
export function decode(decoder: PacketDecoder): OperatorFunction<Uint8Array, Packet> {
  return operate((subscriber) => {
    const emit = (packet: Packet): void => subscriber.next(packet);
    subscriber.add(() => decoder.stop());
    return (chunk) => decoder.decode(chunk, emit);
  });
}
