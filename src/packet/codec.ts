import { PacketDecoder } from './decoder.js';
import { encodeAny } from './encode-any.js';
import { packetTypes, type Side } from './fixed-header.js';
import { LARGEST_PACKET } from './limits.js';
import { malformed } from './malformed.js';
import type { Packet, ProtocolVersion } from './packets.js';
import { ServerDecoder } from './server-decoder.js';
import { WriteBuffer } from './write-buffer.js';

/** Options of {@link decode} and {@link createDecoder}. */
export interface DecodeOptions {
  /**
   * The protocol version of the packets. Default 5; a CONNECT announces its own, which also applies to the packets
   * after it.
   */
  readonly protocolVersion?: ProtocolVersion;
  /**
   * The side that receives the packets, and for which they are checked. Default: the only side that may receive the
   * first packet, else the client.
   */
  readonly receiver?: Side;
  /** The largest packet to accept, in bytes. Default: the protocol's limit. */
  readonly maximumPacketSize?: number;
}

/**
 * Creates a decoder for a byte stream in chunks of any size: `decode(chunk, emit)` calls `emit` for each packet that
 * the chunk completes. Payloads are views of the chunk.
 */
export function createDecoder({
  protocolVersion = 5,
  receiver = 'client',
  maximumPacketSize = LARGEST_PACKET,
}: DecodeOptions = {}): PacketDecoder {
  const options = { protocolVersion, maximumPacketSize };
  return receiver === 'server' ? new ServerDecoder(options) : new PacketDecoder(options);
}

/**
 * Decodes all packets in the bytes, as strictly as the client checks a broker's packets. Payloads are views.
 *
 * @throws ProtocolError for malformed or misplaced data, and when the bytes end within a packet.
 * @example
 * ```ts
 * const [packet] = decode(Uint8Array.of(0x40, 0x02, 0x00, 0x07)); // { cmd: 'puback', packetId: 7, reasonCode: 0 }
 * ```
 */
export function decode(bytes: Uint8Array, options: DecodeOptions = {}): Packet[] {
  const packets: Packet[] = [];
  const decoder = createDecoder({ receiver: receiverOf(bytes), ...options });
  decoder.decode(bytes, (packet) => packets.push(packet));
  if (decoder.buffered > 0) throw malformed('the bytes end within a packet');
  return packets;
}

/**
 * Encodes a packet; a CONNECT in the version it announces. Properties and reason codes are omitted before MQTT 5.
 *
 * @throws MqttError that names what cannot be sent.
 */
export function encode(packet: Packet, protocolVersion: ProtocolVersion = 5): Uint8Array {
  const out = new WriteBuffer();
  encodeAny(packet, out, protocolVersion);
  const chunks = out.take();
  const bytes = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

function receiverOf([first = 0]: Uint8Array): Side {
  const senders = packetTypes[first >> 4]?.senders ?? [];
  return senders.length === 1 && senders[0] === 'client' ? 'server' : 'client';
}
