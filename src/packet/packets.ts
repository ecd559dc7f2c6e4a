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

export type * from './property-types.js';
export { QoS } from './qos.js';

/** 3 is MQTT 3.1 (`MQIsdp`), 4 is MQTT 3.1.1, 5 is MQTT 5. */
export type ProtocolVersion = 3 | 4 | 5;

/** When the broker sends retained messages after SUBSCRIBE. */
export const RetainHandling = { SEND: 0, SEND_IF_NEW: 1, DO_NOT_SEND: 2 } as const;
/** 0 sends them all, 1 with a new subscription only, 2 none. */
export type RetainHandling = (typeof RetainHandling)[keyof typeof RetainHandling];

/** The will in CONNECT (section 3.1.3). */
export interface WillPacket {
  /** The topic name. */
  topic: string;
  /** The payload; may be empty. */
  payload: Uint8Array;
  /** The quality of service. */
  qos: QoS;
  /** Whether the broker keeps the will as a retained message. */
  retain: boolean;
  /** The properties (MQTT 5). */
  properties?: WillProperties | undefined;
}

/** The first packet of a client (section 3.1). */
export interface ConnectPacket {
  /** The kind of packet. */
  cmd: 'connect';
  /** The version of the protocol. */
  protocolVersion: ProtocolVersion;
  /** The client identifier; may be empty. */
  clientId: string;
  /**
   * The client is another broker (MQTT 3.1 and 3.1.1, the high bit of the version, as Mosquitto sets it): it does not
   * want its own messages back, and wants the retain flag as it was published.
   */
  bridge?: boolean | undefined;
  /** Whether to start a new session. */
  clean: boolean;
  /** The keep-alive period in s; 0 turns it off. */
  keepalive: number;
  /** The user name. */
  username?: string | undefined;
  /** The password. */
  password?: Uint8Array | undefined;
  /** The will. */
  will?: WillPacket | undefined;
  /** The properties (MQTT 5). */
  properties?: ConnectProperties | undefined;
}

/** The broker's answer to CONNECT (section 3.2). */
export interface ConnackPacket {
  /** The kind of packet. */
  cmd: 'connack';
  /** Whether the broker resumes a session. */
  sessionPresent: boolean;
  /** MQTT 5 reason code, or the return code of 3.1.1. */
  reasonCode: number;
  /** The properties (MQTT 5). */
  properties?: ConnackProperties | undefined;
}

export type { PublishPacket } from './publish-packet.js';

/** The four acknowledgements. */
export type AckCommand = 'puback' | 'pubrec' | 'pubrel' | 'pubcomp';
/** PUBACK, PUBREC, PUBREL or PUBCOMP (sections 3.4 to 3.7). */
export interface AckPacket {
  /** Which of the four. */
  cmd: AckCommand;
  /** The packet identifier, from 1 to 65535. */
  packetId: number;
  /** 0 on 3.1.1, which has no reason codes here. */
  reasonCode: number;
  /** The properties (MQTT 5). */
  properties?: AckProperties | undefined;
}

/** One filter of SUBSCRIBE with its options. */
export interface Subscription {
  /** The topic filter. */
  filter: string;
  /** The maximum QoS of its messages. */
  qos: QoS;
  /** Whether the broker leaves out this client's own messages (MQTT 5). */
  noLocal?: boolean | undefined;
  /** Whether the broker keeps the retain flag as it was published (MQTT 5). */
  retainAsPublished?: boolean | undefined;
  /** When the broker sends retained messages (MQTT 5). */
  retainHandling?: RetainHandling | undefined;
}

/** SUBSCRIBE (section 3.8). */
export interface SubscribePacket {
  /** The kind of packet. */
  cmd: 'subscribe';
  /** The packet identifier, from 1 to 65535. */
  packetId: number;
  /** The filters, in order. */
  subscriptions: readonly Subscription[];
  /** The properties (MQTT 5). */
  properties?: SubscribeProperties | undefined;
}

/** SUBACK (section 3.9). */
export interface SubackPacket {
  /** The kind of packet. */
  cmd: 'suback';
  /** The packet identifier, from 1 to 65535. */
  packetId: number;
  /** One code per filter, in the order of SUBSCRIBE. */
  reasonCodes: readonly number[];
  /** The properties (MQTT 5). */
  properties?: AckProperties | undefined;
}

/** UNSUBSCRIBE (section 3.10). */
export interface UnsubscribePacket {
  /** The kind of packet. */
  cmd: 'unsubscribe';
  /** The packet identifier, from 1 to 65535. */
  packetId: number;
  /** The filters, in order. */
  filters: readonly string[];
  /** The properties (MQTT 5). */
  properties?: UnsubscribeProperties | undefined;
}

/** UNSUBACK (section 3.11). */
export interface UnsubackPacket {
  /** The kind of packet. */
  cmd: 'unsuback';
  /** The packet identifier, from 1 to 65535. */
  packetId: number;
  /** One code per filter on MQTT 5; empty on 3.1.1, which has none. */
  reasonCodes: readonly number[];
  /** The properties (MQTT 5). */
  properties?: AckProperties | undefined;
}

/** PINGREQ (section 3.12). */
export interface PingreqPacket {
  /** The kind of packet. */
  cmd: 'pingreq';
}

/** PINGRESP (section 3.13). */
export interface PingrespPacket {
  /** The kind of packet. */
  cmd: 'pingresp';
}

/** DISCONNECT (section 3.14). */
export interface DisconnectPacket {
  /** The kind of packet. */
  cmd: 'disconnect';
  /** The reason code. */
  reasonCode: number;
  /** The properties (MQTT 5). */
  properties?: DisconnectProperties | undefined;
}

/** AUTH (section 3.15, MQTT 5). */
export interface AuthPacket {
  /** The kind of packet. */
  cmd: 'auth';
  /** The reason code. */
  reasonCode: number;
  /** The properties (MQTT 5). */
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
