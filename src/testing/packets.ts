import type {
  AckPacket,
  AckProperties,
  ConnackPacket,
  ConnackProperties,
  DisconnectPacket,
  PingrespPacket,
  PublishProperties,
  QoS,
  SubackPacket,
  UnsubackPacket,
} from '../packet/packets.js';
import { PublishPacket } from '../packet/publish-packet.js';
import { encodeUtf8 } from '../utf8.js';

/** CONNACK, with the fields that a test is about. */
export function connack(fields: Partial<Omit<ConnackPacket, 'cmd'>> = {}): ConnackPacket {
  return { cmd: 'connack', sessionPresent: false, reasonCode: 0, ...fields };
}

/** A CONNACK that announces limits (MQTT 5). */
export const connackWith = (properties: ConnackProperties, sessionPresent = false): ConnackPacket =>
  connack({ properties, sessionPresent });

/** What a PUBLISH has beside its topic and its payload. */
export interface PublishFields {
  readonly qos?: QoS;
  readonly retain?: boolean;
  readonly dup?: boolean;
  readonly id?: number;
  readonly properties?: PublishProperties;
}

/** PUBLISH; at QoS 1 where it has an identifier and no other QoS. */
export function publish(topic: string, payload = '', fields: PublishFields = {}): PublishPacket {
  const { qos = fields.id === undefined ? 0 : 1, retain = false, dup = false, id = 0, properties } = fields;
  return new PublishPacket(topic, encodeUtf8(payload), qos, retain, dup, id, properties);
}

/** @inline */
type Ack = (packetId: number, reasonCode?: number, properties?: AckProperties) => AckPacket;
const ack =
  (cmd: AckPacket['cmd']): Ack =>
  (packetId, reasonCode = 0, properties) => ({ cmd, packetId, reasonCode, properties });

/** PUBACK, by default with reason code 0. */
export const puback = ack('puback');
/** PUBREC, by default with reason code 0. */
export const pubrec = ack('pubrec');
/** PUBREL, by default with reason code 0. */
export const pubrel = ack('pubrel');
/** PUBCOMP, by default with reason code 0. */
export const pubcomp = ack('pubcomp');

/** SUBACK, with a reason code a filter. */
export const suback = (packetId: number, ...reasonCodes: number[]): SubackPacket => ({
  cmd: 'suback',
  packetId,
  reasonCodes,
});

/** UNSUBACK, with a reason code a filter. */
export const unsuback = (packetId: number, ...reasonCodes: number[]): UnsubackPacket => ({
  cmd: 'unsuback',
  packetId,
  reasonCodes,
});

/** PINGRESP. */
export const pingresp = (): PingrespPacket => ({ cmd: 'pingresp' });

/** DISCONNECT, by default with reason code 0. */
export const disconnect = (reasonCode = 0): DisconnectPacket => ({ cmd: 'disconnect', reasonCode });
