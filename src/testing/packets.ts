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

/** A CONNACK that accepts the connection, unless the fields say otherwise. */
export function connack(fields: Partial<Omit<ConnackPacket, 'cmd'>> = {}): ConnackPacket {
  return { cmd: 'connack', sessionPresent: false, reasonCode: 0, ...fields };
}

/** A CONNACK that announces limits (MQTT 5). */
export const connackWith = (properties: ConnackProperties, sessionPresent = false): ConnackPacket =>
  connack({ properties, sessionPresent });

/** The fields of a PUBLISH beside its topic and payload. */
export interface PublishFields {
  /** Default 0, or 1 with an `id`. */
  readonly qos?: QoS;
  /** Default false. */
  readonly retain?: boolean;
  /** Default false. */
  readonly dup?: boolean;
  /** The packet identifier. Default 0. */
  readonly id?: number;
  /** Properties (MQTT 5). */
  readonly properties?: PublishProperties;
}

/** PUBLISH; at QoS 1 if it has an identifier and no explicit QoS. */
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

/** SUBACK, with one reason code per filter. */
export const suback = (packetId: number, ...reasonCodes: number[]): SubackPacket => ({
  cmd: 'suback',
  packetId,
  reasonCodes,
});

/** UNSUBACK, with one reason code per filter. */
export const unsuback = (packetId: number, ...reasonCodes: number[]): UnsubackPacket => ({
  cmd: 'unsuback',
  packetId,
  reasonCodes,
});

/** PINGRESP. */
export const pingresp = (): PingrespPacket => ({ cmd: 'pingresp' });

/** DISCONNECT, by default with reason code 0. */
export const disconnect = (reasonCode = 0): DisconnectPacket => ({ cmd: 'disconnect', reasonCode });
