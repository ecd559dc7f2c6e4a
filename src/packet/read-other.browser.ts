import { checkFirstByte, type Side } from './fixed-header.js';
import type { Packet, ProtocolVersion } from './packets.js';
import { readAck } from './read-ack.js';
import { readFromServer } from './read-from-server.js';

/** Takes the place of `read-other.ts` in browsers, which are no servers. */
export function readOther(
  first: number,
  bytes: Uint8Array,
  _start: number,
  body: number,
  end: number,
  version: ProtocolVersion,
  receiver: Side,
): Packet {
  const cmd = checkFirstByte(first, version, receiver);
  return cmd === 'pubrel'
    ? readAck(cmd, bytes, body, end, version, receiver)
    : readFromServer(cmd, bytes, body, end, version, receiver);
}
