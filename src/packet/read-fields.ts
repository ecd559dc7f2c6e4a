import type { Side } from './fixed-header.js';
import { MOST_USER_PROPERTIES } from './limits.js';
import { malformed, violation } from './malformed.js';
import type { PacketReader } from './packet-reader.js';
import type { PacketCommand, Properties } from './packets.js';
import { decodeProperties } from './properties.js';
import type { PropertyCarrier } from './property-table.js';

/** Reads the property length and the properties; undefined if there are none. A server limits the user properties. */
export function readProperties(reader: PacketReader, carrier: PropertyCarrier, receiver: Side): Properties | undefined {
  const length = reader.varInt('property length');
  if (length > reader.left) throw malformed(`${carrier.toUpperCase()} ends within its properties`);
  const start = reader.at;
  reader.at = start + length;
  if (length === 0) return undefined;
  const most = receiver === 'server' ? MOST_USER_PROPERTIES : Infinity;
  return decodeProperties(reader.bytes, start, reader.at, carrier, most);
}

/** A packet identifier, which is never 0 [MQTT-2.2.1-3]. */
export function readPacketId(reader: PacketReader, cmd: PacketCommand): number {
  const packetId = reader.uint16('packet identifier');
  if (packetId === 0) throw violation(`${cmd.toUpperCase()} has packet identifier 0`);
  return packetId;
}
