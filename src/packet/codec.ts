import { PacketDecoder } from './decoder.js';
import { encodeAny } from './encode-any.js';
import { packetTypes, type Side } from './fixed-header.js';
import { LARGEST_PACKET } from './limits.js';
import { malformed } from './malformed.js';
import type { Packet, ProtocolVersion } from './packets.js';
import { ServerDecoder } from './server-decoder.js';
import { WriteBuffer } from './write-buffer.js';

export interface DecodeOptions {
  /** The version of the packets. Default 5; a CONNECT says its own, also for the packets behind it. */
  readonly protocolVersion?: ProtocolVersion;
  /**
   * The side that the packets are sent to, for whom they are checked. Default: the side that the first packet can only
   * be meant for, else the client.
   */
  readonly receiver?: Side;
  /** Bytes of the largest packet that is taken. Default: what the protocol allows. */
  readonly maximumPacketSize?: number;
}

/**
 * A decoder for a byte stream that comes in chunks of any size: `decode(chunk, emit)` calls `emit` for each packet that
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
 * All packets in the bytes, each checked as strictly as the client checks what a broker sends. Payloads are views.
 *
 * @throws ProtocolError for what is malformed or out of place, and when the bytes end within a packet.
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
 * The bytes of a packet; a CONNECT is written in the version that it announces. Properties and reason codes are left
 * out before MQTT 5.
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
