/**
 * The packets of MQTT 3.1, 3.1.1 and 5 as plain objects, one type per control packet, discriminated by `cmd`. Field
 * names are mqtt-packet's, except `packetId`, `reasonCode` and the user properties, which keep order and duplicates as
 * [MQTT-3.3.2-18] requires.
 */
import type {
  WillProperties,
  ConnectProperties,
  ConnackProperties,
  AckProperties,
  SubscribeProperties,
  UnsubscribeProperties,
  DisconnectProperties,
  AuthProperties,
} from './property-types.js';
import type { PublishPacket } from './publish-packet.js';
import type { QoS } from './qos.js';

export type {
  UserProperties,
  Properties,
  PropertyName,
  PublishProperties,
  WillProperties,
  ConnectProperties,
  ConnackProperties,
  AckProperties,
  SubscribeProperties,
  UnsubscribeProperties,
  DisconnectProperties,
  AuthProperties,
} from './property-types.js';
export { QoS } from './qos.js';

/** 3 is MQTT 3.1 (`MQIsdp`), 4 is MQTT 3.1.1, 5 is MQTT 5. */
export type ProtocolVersion = 3 | 4 | 5;

/** When the broker sends retained messages after SUBSCRIBE. */
export const RetainHandling = { SEND: 0, SEND_IF_NEW: 1, DO_NOT_SEND: 2 } as const;
export type RetainHandling = (typeof RetainHandling)[keyof typeof RetainHandling];

/** The will in CONNECT (section 3.1.3). */
export interface WillPacket {
  topic: string;
  payload: Uint8Array;
  qos: QoS;
  retain: boolean;
  properties?: WillProperties | undefined;
}

/** The first packet of a client (section 3.1). */
export interface ConnectPacket {
  cmd: 'connect';
  protocolVersion: ProtocolVersion;
  clientId: string;
  clean: boolean;
  /** The keep-alive period in s; 0 turns it off. */
  keepalive: number;
  username?: string | undefined;
  password?: Uint8Array | undefined;
  will?: WillPacket | undefined;
  properties?: ConnectProperties | undefined;
}

/** The broker's answer to CONNECT (section 3.2). */
export interface ConnackPacket {
  cmd: 'connack';
  sessionPresent: boolean;
  /** MQTT 5 reason code, or the return code of 3.1.1. */
  reasonCode: number;
  properties?: ConnackProperties | undefined;
}

export type { PublishPacket } from './publish-packet.js';

/** The four acknowledgements. */
export type AckCommand = 'puback' | 'pubrec' | 'pubrel' | 'pubcomp';
/** PUBACK, PUBREC, PUBREL or PUBCOMP (sections 3.4 to 3.7). */
export interface AckPacket {
  cmd: AckCommand;
  packetId: number;
  /** 0 on 3.1.1, which has no reason codes here. */
  reasonCode: number;
  properties?: AckProperties | undefined;
}

/** One filter of SUBSCRIBE with its options. */
export interface Subscription {
  filter: string;
  qos: QoS;
  noLocal?: boolean | undefined;
  retainAsPublished?: boolean | undefined;
  retainHandling?: RetainHandling | undefined;
}

/** SUBSCRIBE (section 3.8). */
export interface SubscribePacket {
  cmd: 'subscribe';
  packetId: number;
  subscriptions: readonly Subscription[];
  properties?: SubscribeProperties | undefined;
}

/** SUBACK (section 3.9). */
export interface SubackPacket {
  cmd: 'suback';
  packetId: number;
  /** One code per filter, in the order of SUBSCRIBE. */
  reasonCodes: readonly number[];
  properties?: AckProperties | undefined;
}

/** UNSUBSCRIBE (section 3.10). */
export interface UnsubscribePacket {
  cmd: 'unsubscribe';
  packetId: number;
  filters: readonly string[];
  properties?: UnsubscribeProperties | undefined;
}

/** UNSUBACK (section 3.11). */
export interface UnsubackPacket {
  cmd: 'unsuback';
  packetId: number;
  /** One code per filter on MQTT 5; empty on 3.1.1, which has none. */
  reasonCodes: readonly number[];
  properties?: AckProperties | undefined;
}

/** PINGREQ (section 3.12). */
export interface PingreqPacket {
  cmd: 'pingreq';
}

/** PINGRESP (section 3.13). */
export interface PingrespPacket {
  cmd: 'pingresp';
}

/** DISCONNECT (section 3.14). */
export interface DisconnectPacket {
  cmd: 'disconnect';
  reasonCode: number;
  properties?: DisconnectProperties | undefined;
}

/** AUTH (section 3.15, MQTT 5). */
export interface AuthPacket {
  cmd: 'auth';
  reasonCode: number;
  properties?: AuthProperties | undefined;
}

/** Any control packet; discriminated by `cmd`. */
export type Packet =
  | ConnectPacket
  | ConnackPacket
  | PublishPacket
  | AckPacket
  | SubscribePacket
  | SubackPacket
  | UnsubscribePacket
  | UnsubackPacket
  | PingreqPacket
  | PingrespPacket
  | DisconnectPacket
  | AuthPacket;

/** The name of a control packet, as `cmd` has it. */
export type PacketCommand = Packet['cmd'];
