import type { QoS } from './qos.js';

/** Name and value pairs in the order of the wire; names may repeat. */
export type UserProperties = readonly (readonly [name: string, value: string])[];

/** All 27 properties of MQTT 5 (section 2.2.2.2). `propertyTable` lists which packet may carry which. */
export interface Properties {
  /** True: the payload is UTF-8 text. Identifier 0x01 (section 3.3.2.3.2). */
  payloadFormatIndicator?: boolean;
  /** How long the message is valid, in s; on a received message, the time left. Identifier 0x02. */
  messageExpiryInterval?: number;
  /** A description of the payload, such as a MIME type. Identifier 0x03. */
  contentType?: string;
  /** The topic name to publish a response to. Identifier 0x08. */
  responseTopic?: string;
  /** Identifies the request that a response belongs to. Identifier 0x09. */
  correlationData?: Uint8Array;
  /**
   * SUBSCRIBE: one identifier. PUBLISH from a broker: one for each matching subscription, in the order of the wire.
   * Identifier 0x0B.
   */
  subscriptionIdentifier?: number | readonly number[];
  /** How long the session outlives the connection, in s; 0xFFFFFFFF: forever. Identifier 0x11. */
  sessionExpiryInterval?: number;
  /** The client identifier that the broker chose. Identifier 0x12. */
  assignedClientIdentifier?: string;
  /** The keep-alive period that the broker imposes, in s. Identifier 0x13. */
  serverKeepAlive?: number;
  /** The name of the enhanced authentication method. Identifier 0x15. */
  authenticationMethod?: string;
  /** Data of the authentication method. Identifier 0x16. */
  authenticationData?: Uint8Array;
  /** False: the broker sends reason strings and user properties in a few packets only. Identifier 0x17. */
  requestProblemInformation?: boolean;
  /** How long the broker waits before it publishes the will, in s. Identifier 0x18. */
  willDelayInterval?: number;
  /** True: the broker may send response information. Identifier 0x19. */
  requestResponseInformation?: boolean;
  /** The prefix for response topics of this client. Identifier 0x1A. */
  responseInformation?: string;
  /** Another server to use. Identifier 0x1C. */
  serverReference?: string;
  /** A human-readable reason. Identifier 0x1F. */
  reasonString?: string;
  /** How many QoS 1 and 2 messages the sender of this property handles at a time. Identifier 0x21. */
  receiveMaximum?: number;
  /** The highest topic alias that the sender of this property accepts; 0: none. Identifier 0x22. */
  topicAliasMaximum?: number;
  /** The number that replaces the topic on this connection. Identifier 0x23. */
  topicAlias?: number;
  /** The highest QoS that the broker supports; some send 2, which means no limit. Identifier 0x24. */
  maximumQoS?: QoS;
  /** Whether the broker supports retained messages. Identifier 0x25. */
  retainAvailable?: boolean;
  /** The application's name and value pairs, in order. Identifier 0x26. */
  userProperties?: UserProperties;
  /** The largest packet that the sender of this property accepts, in bytes. Identifier 0x27. */
  maximumPacketSize?: number;
  /** Whether the broker supports wildcards in filters. Identifier 0x28. */
  wildcardSubscriptionAvailable?: boolean;
  /** Whether the broker supports subscription identifiers. Identifier 0x29. */
  subscriptionIdentifiersAvailable?: boolean;
  /** Whether the broker supports shared subscriptions. Identifier 0x2A. */
  sharedSubscriptionAvailable?: boolean;
}
/** The name of a property. */
export type PropertyName = keyof Properties;

/** The properties of PUBLISH (section 3.3.2.3). */
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
/** The properties of a will (section 3.1.3.2). */
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
/** The properties of CONNECT (section 3.1.2.11). */
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
/** The properties of CONNACK (section 3.2.2.3). */
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
/** The properties of PUBACK, PUBREC, PUBREL, PUBCOMP, SUBACK and UNSUBACK. */
export type AckProperties = Pick<Properties, 'reasonString' | 'userProperties'>;
/** The properties of SUBSCRIBE (section 3.8.2.1). */
export type SubscribeProperties = Pick<Properties, 'subscriptionIdentifier' | 'userProperties'>;
/** The properties of UNSUBSCRIBE (section 3.10.2.1). */
export type UnsubscribeProperties = Pick<Properties, 'userProperties'>;
/** The properties of DISCONNECT (section 3.14.2.2). */
export type DisconnectProperties = Pick<
  Properties,
  'sessionExpiryInterval' | 'reasonString' | 'userProperties' | 'serverReference'
>;
/** The properties of AUTH (section 3.15.2.2). */
export type AuthProperties = Pick<
  Properties,
  'authenticationMethod' | 'authenticationData' | 'reasonString' | 'userProperties'
>;
