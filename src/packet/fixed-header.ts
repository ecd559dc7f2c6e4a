import { malformed, violation } from './malformed.js';
import type { PacketCommand, ProtocolVersion } from './packets.js';
import { versionName } from './version-name.js';

/** The two ends of a connection. */
export type Side = 'client' | 'server';

interface PacketType {
  readonly cmd: PacketCommand;
  /** The fixed low half of the first byte; undefined for PUBLISH, which has flags of its own. */
  readonly flags: number | undefined;
  readonly senders: readonly Side[];
}

const client = ['client'] as const;
const server = ['server'] as const;
const either = ['client', 'server'] as const;

/** The control packets by number (tables 2-1 and 2-2). */
export const packetTypes: readonly (PacketType | undefined)[] = [
  undefined,
  { cmd: 'connect', flags: 0, senders: client },
  { cmd: 'connack', flags: 0, senders: server },
  { cmd: 'publish', flags: undefined, senders: either },
  { cmd: 'puback', flags: 0, senders: either },
  { cmd: 'pubrec', flags: 0, senders: either },
  { cmd: 'pubrel', flags: 2, senders: either },
  { cmd: 'pubcomp', flags: 0, senders: either },
  { cmd: 'subscribe', flags: 2, senders: client },
  { cmd: 'suback', flags: 0, senders: server },
  { cmd: 'unsubscribe', flags: 2, senders: client },
  { cmd: 'unsuback', flags: 0, senders: server },
  { cmd: 'pingreq', flags: 0, senders: client },
  { cmd: 'pingresp', flags: 0, senders: server },
  { cmd: 'disconnect', flags: 0, senders: either },
  { cmd: 'auth', flags: 0, senders: either },
];

/**
 * Checks a packet's first byte: its type, its flags, and whether this side may send it.
 * @throws ProtocolError 0x81 for a reserved type or wrong flags, 0x82 for a packet that only the other side sends.
 */
export function checkFirstByte(first: number, version: ProtocolVersion, receiver: Side): PacketCommand {
  const type = packetTypes[first >> 4];
  if (type === undefined || (type.cmd === 'auth' && version !== 5)) {
    throw malformed(`packet type ${first >> 4} does not exist in ${versionName(version)}`);
  }
  const { cmd } = type;
  // In 3.1.1 and 3.1 only clients send DISCONNECT.
  const wrongWay =
    !type.senders.includes(receiver === 'client' ? 'server' : 'client') ||
    (cmd === 'disconnect' && version !== 5 && receiver === 'client');
  if (wrongWay) throw violation(`a ${receiver} is never sent ${cmd.toUpperCase()}`);
  const { flags } = type;
  if (flags === undefined || (first & 0x0f) === flags || isRetry(first, version)) return cmd;
  if (receiver === 'server' && mayDiffer(cmd, first, flags, version)) return cmd;
  throw wrongFlags(cmd);
}

/** MQTT 3.1 sets DUP when it resends PUBREL, SUBSCRIBE or UNSUBSCRIBE. */
function isRetry(first: number, version: ProtocolVersion): boolean {
  return version === 3 && (first === 0x6a || first === 0x8a || first === 0xaa);
}

/** MQTT 3.1 leaves bits open that later versions fix. Only the body of a CONNECT tells its version. */
function mayDiffer(cmd: PacketCommand, first: number, flags: number, version: ProtocolVersion): boolean {
  return cmd === 'connect' || (version === 3 && (flags === 0 || (first & 0x06) === flags));
}

export function wrongFlags(cmd: PacketCommand): Error {
  return malformed(`${cmd.toUpperCase()} has wrong flags in its fixed header`);
}
