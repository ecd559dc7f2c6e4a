/**
 * The packets of MQTT 3.1, 3.1.1 and 5 as plain objects, one type a control packet, told apart by `cmd`.
 * Field names are mqtt-packet's, but for `packetId`, `reasonCode` and the user properties, which keep order and
 * duplicates as [MQTT-3.3.2-18] asks.
 */
import type { PublishPacket } from './publish-packet.js';

/** Quality of service levels. */
export const QoS = { AT_MOST_ONCE: 0, AT_LEAST_ONCE: 1, EXACTLY_ONCE: 2 } as const;
export type QoS = (typeof QoS)[keyof typeof QoS];

/** 3 is MQTT 3.1 (`MQIsdp`), 4 is MQTT 3.1.1, 5 is MQTT 5. */
export type ProtocolVersion = 3 | 4 | 5;

/** How the broker treats retained messages at SUBSCRIBE. */
export const RetainHandling = { SEND: 0, SEND_IF_NEW: 1, DO_NOT_SEND: 2 } as const;
export type RetainHandling = (typeof RetainHandling)[keyof typeof RetainHandling];

/** Name and value pairs in the order of the wire; a name may stand more than once. */
export type UserProperties = readonly (readonly [name: string, value: string])[];

/** All 27 properties of MQTT 5. Which packet may carry which: `packet/properties.ts`. */
export interface Properties {
  payloadFormatIndicator?: boolean;
  messageExpiryInterval?: number;
  contentType?: string;
  responseTopic?: string;
  correlationData?: Uint8Array;
  /** SUBSCRIBE: the one identifier. PUBLISH from a broker: all that matched, in the order of the wire. */
  subscriptionIdentifier?: number | readonly number[];
  sessionExpiryInterval?: number;
  assignedClientIdentifier?: string;
  serverKeepAlive?: number;
  authenticationMethod?: string;
  authenticationData?: Uint8Array;
  requestProblemInformation?: boolean;
  willDelayInterval?: number;
  requestResponseInformation?: boolean;
  responseInformation?: string;
  serverReference?: string;
  reasonString?: string;
  receiveMaximum?: number;
  topicAliasMaximum?: number;
  topicAlias?: number;
  maximumQoS?: 0 | 1;
  retainAvailable?: boolean;
  userProperties?: UserProperties;
  maximumPacketSize?: number;
  wildcardSubscriptionAvailable?: boolean;
  subscriptionIdentifiersAvailable?: boolean;
  sharedSubscriptionAvailable?: boolean;
}
export type PropertyName = keyof Properties;

export type PublishProperties = Pick<
  Properties,
  | 'payloadFormatIndicator'
  | 'messageExpiryInterval'
  | 'topicAlias'
  | 'responseTopic'
  | 'correlationData'
  | 'userProperties'
  | 'subscriptionIdentifier'
  | 'contentType'
>;
export type WillProperties = Pick<
  Properties,
  | 'willDelayInterval'
  | 'payloadFormatIndicator'
  | 'messageExpiryInterval'
  | 'contentType'
  | 'responseTopic'
  | 'correlationData'
  | 'userProperties'
>;
export type ConnectProperties = Pick<
  Properties,
  | 'sessionExpiryInterval'
  | 'receiveMaximum'
  | 'maximumPacketSize'
  | 'topicAliasMaximum'
  | 'requestResponseInformation'
  | 'requestProblemInformation'
  | 'userProperties'
  | 'authenticationMethod'
  | 'authenticationData'
>;
export type ConnackProperties = Pick<
  Properties,
  | 'sessionExpiryInterval'
  | 'receiveMaximum'
  | 'maximumQoS'
  | 'retainAvailable'
  | 'maximumPacketSize'
  | 'assignedClientIdentifier'
  | 'topicAliasMaximum'
  | 'reasonString'
  | 'userProperties'
  | 'wildcardSubscriptionAvailable'
  | 'subscriptionIdentifiersAvailable'
  | 'sharedSubscriptionAvailable'
  | 'serverKeepAlive'
  | 'responseInformation'
  | 'serverReference'
  | 'authenticationMethod'
  | 'authenticationData'
>;
export type AckProperties = Pick<Properties, 'reasonString' | 'userProperties'>;
export type SubscribeProperties = Pick<Properties, 'subscriptionIdentifier' | 'userProperties'>;
export type UnsubscribeProperties = Pick<Properties, 'userProperties'>;
export type DisconnectProperties = Pick<
  Properties,
  'sessionExpiryInterval' | 'reasonString' | 'userProperties' | 'serverReference'
>;
export type AuthProperties = Pick<
  Properties,
  'authenticationMethod' | 'authenticationData' | 'reasonString' | 'userProperties'
>;

export interface WillPacket {
  topic: string;
  payload: Uint8Array;
  qos: QoS;
  retain: boolean;
  properties?: WillProperties | undefined;
}

export interface ConnectPacket {
  cmd: 'connect';
  protocolVersion: ProtocolVersion;
  clientId: string;
  clean: boolean;
  /** Seconds; 0 turns keep-alive off. */
  keepalive: number;
  username?: string | undefined;
  password?: Uint8Array | undefined;
  will?: WillPacket | undefined;
  properties?: ConnectProperties | undefined;
}

export interface ConnackPacket {
  cmd: 'connack';
  sessionPresent: boolean;
  /** MQTT 5 reason code, or the return code of 3.1.1. */
  reasonCode: number;
  properties?: ConnackProperties | undefined;
}

export type { PublishPacket } from './publish-packet.js';

export type AckCommand = 'puback' | 'pubrec' | 'pubrel' | 'pubcomp';
export interface AckPacket {
  cmd: AckCommand;
  packetId: number;
  /** 0 on 3.1.1, which has no reason codes here. */
  reasonCode: number;
  properties?: AckProperties | undefined;
}

export interface Subscription {
  filter: string;
  qos: QoS;
  noLocal?: boolean | undefined;
  retainAsPublished?: boolean | undefined;
  retainHandling?: RetainHandling | undefined;
}

export interface SubscribePacket {
  cmd: 'subscribe';
  packetId: number;
  subscriptions: readonly Subscription[];
  properties?: SubscribeProperties | undefined;
}

export interface SubackPacket {
  cmd: 'suback';
  packetId: number;
  /** One a filter, in the order of SUBSCRIBE. */
  reasonCodes: readonly number[];
  properties?: AckProperties | undefined;
}

export interface UnsubscribePacket {
  cmd: 'unsubscribe';
  packetId: number;
  filters: readonly string[];
  properties?: UnsubscribeProperties | undefined;
}

export interface UnsubackPacket {
  cmd: 'unsuback';
  packetId: number;
  /** One a filter on MQTT 5; empty on 3.1.1, which has none. */
  reasonCodes: readonly number[];
  properties?: AckProperties | undefined;
}

export interface PingreqPacket {
  cmd: 'pingreq';
}

export interface PingrespPacket {
  cmd: 'pingresp';
}

export interface DisconnectPacket {
  cmd: 'disconnect';
  reasonCode: number;
  properties?: DisconnectProperties | undefined;
}

export interface AuthPacket {
  cmd: 'auth';
  reasonCode: number;
  properties?: AuthProperties | undefined;
}

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

export type PacketCommand = Packet['cmd'];
