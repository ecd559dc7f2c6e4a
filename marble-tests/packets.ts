import type {
  AckPacket,
  AckProperties,
  ConnackPacket,
  ConnackProperties,
  DisconnectPacket,
  PublishProperties,
  QoS,
  SubackPacket,
  UnsubackPacket,
} from 'rxmqtt/packet';
import { PublishPacket } from 'rxmqtt/packet';

/** Packets as a broker sends them, with the fields that a test is about. */
export function connack(fields: Partial<Omit<ConnackPacket, 'cmd'>> = {}): ConnackPacket {
  return { cmd: 'connack', sessionPresent: false, reasonCode: 0, ...fields };
}

/** A CONNACK that announces limits (MQTT 5). */
export const connackWith = (properties: ConnackProperties, sessionPresent = false): ConnackPacket =>
  connack({ properties, sessionPresent });

export interface PublishFields {
  readonly qos?: QoS;
  readonly retain?: boolean;
  readonly dup?: boolean;
  readonly id?: number;
  readonly properties?: PublishProperties;
}

export function publish(topic: string, payload = '', fields: PublishFields = {}): PublishPacket {
  const { qos = fields.id === undefined ? 0 : 1, retain = false, dup = false, id = 0, properties } = fields;
  return new PublishPacket(topic, new TextEncoder().encode(payload), qos, retain, dup, id, properties);
}

type Ack = (packetId: number, reasonCode?: number, properties?: AckProperties) => AckPacket;
const ack =
  (cmd: AckPacket['cmd']): Ack =>
  (packetId, reasonCode = 0, properties) => ({ cmd, packetId, reasonCode, properties });

export const puback = ack('puback');
export const pubrec = ack('pubrec');
export const pubrel = ack('pubrel');
export const pubcomp = ack('pubcomp');

export const suback = (packetId: number, ...reasonCodes: number[]): SubackPacket => ({
  cmd: 'suback',
  packetId,
  reasonCodes,
});

export const unsuback = (packetId: number, ...reasonCodes: number[]): UnsubackPacket => ({
  cmd: 'unsuback',
  packetId,
  reasonCodes,
});

export const pingresp = (): { cmd: 'pingresp' } => ({ cmd: 'pingresp' });

export const disconnect = (reasonCode = 0): DisconnectPacket => ({ cmd: 'disconnect', reasonCode });
