import type { PacketDecoder } from '../packet/decoder.js';
import type { Packet } from '../packet/packets.js';
import type { AcceptedConnection } from '../transport/transport.js';

/**
 * The packet in these bytes; undefined if they cannot be read. Such bytes are relayed, too, because a test may be about
 * the answer to them.
 */
export function readPacket(decoder: PacketDecoder, bytes: Uint8Array): Packet | undefined {
  let read: Packet | undefined;
  try {
    decoder.decode(bytes, (packet) => (read = packet));
  } catch {
    return undefined;
  }
  return read;
}

/** Writes bytes, in pieces if the line splits them. */
export function write(to: AcceptedConnection, bytes: Uint8Array, pieces = Infinity): void {
  for (let at = 0; at < bytes.length; at += pieces) {
    to.out.append(bytes.subarray(at, Math.min(bytes.length, at + pieces)));
    to.commit();
  }
}
