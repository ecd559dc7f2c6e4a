import { PacketDecoder, type PacketDecoderOptions } from './decoder.js';
import { violation } from './malformed.js';
import type { Packet, PacketCommand } from './packets.js';
import { readAck } from './read-ack.js';
import { readFromClient } from './read-from-client.js';
import { ReasonCode } from './reason-codes.js';

/** The largest payload of a will, whose length has two bytes. */
const LARGEST_WILL = 65_535;

export interface ServerDecoderOptions extends PacketDecoderOptions {
  /** The largest CONNECT to accept, in bytes, without the payload of its will. Default: the limit of other packets. */
  readonly connectSize?: number;
  /** The most topic filters of a SUBSCRIBE or UNSUBSCRIBE. Default: any number. */
  readonly mostFilters?: number;
}

/**
 * The decoder of a server: also reads the packets that only clients send, with mqtt-packet. Clients do not load it.
 * Until it has read a CONNECT, no packet may be larger than a CONNECT.
 */
export class ServerDecoder extends PacketDecoder {
  /** The largest first packet, in bytes. */
  readonly largestConnect: number;
  private readonly packetSize: number;
  private readonly connectSize: number;
  private readonly mostFilters: number;

  constructor(options: ServerDecoderOptions) {
    const { maximumPacketSize: packetSize, connectSize = Infinity, mostFilters = Infinity } = options;
    const { protocolVersion } = options;
    super({ protocolVersion, maximumPacketSize: Math.min(packetSize, connectSize + LARGEST_WILL) }, 'server');
    this.packetSize = packetSize;
    this.largestConnect = this.maximumPacketSize;
    this.connectSize = connectSize;
    this.mostFilters = mostFilters;
  }

  protected override readOther(
    cmd: PacketCommand,
    bytes: Uint8Array,
    start: number,
    body: number,
    end: number,
  ): Packet {
    switch (cmd) {
      case 'connect':
      case 'subscribe':
      case 'unsubscribe':
      case 'pingreq':
        break;
      case 'puback':
      case 'pubrec':
      case 'pubcomp':
        // The first byte has bits set that MQTT 3.1 does not use.
        return readAck(cmd, bytes, body, end, this.protocolVersion, this.receiver);
      default:
        return super.readOther(cmd, bytes, start, body, end);
    }
    const packet = readFromClient(cmd, bytes, start, body, end, this.protocolVersion, this.mostFilters);
    if (packet.cmd !== 'connect') return packet;
    const size = end - start - (packet.will?.payload.length ?? 0);
    if (size > this.connectSize) {
      throw violation(`CONNECT has ${size} bytes besides its will`, ReasonCode.PACKET_TOO_LARGE);
    }
    // CONNECT sets the version of all packets that follow, which may be larger.
    this.protocolVersion = packet.protocolVersion;
    this.maximumPacketSize = this.packetSize;
    return packet;
  }
}
