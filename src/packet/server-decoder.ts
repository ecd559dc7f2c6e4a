import { PacketDecoder, type PacketDecoderOptions } from './decoder.js';
import type { Packet, PacketCommand } from './packets.js';
import { readFromClient } from './read-from-client.js';

/** The decoder of a server: also reads the packets that only clients send. Clients do not need it, nor mqtt-packet. */
export class ServerDecoder extends PacketDecoder {
  constructor(options: PacketDecoderOptions) {
    super(options, 'server');
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
      default:
        return super.readOther(cmd, bytes, start, body, end);
    }
    const packet = readFromClient(cmd, bytes, start, body, end, this.protocolVersion);
    // CONNECT sets the version of all packets that follow.
    if (packet.cmd === 'connect') this.protocolVersion = packet.protocolVersion;
    return packet;
  }
}
