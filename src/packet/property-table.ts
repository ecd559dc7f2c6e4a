import type { PacketCommand, PropertyName } from './packets.js';

/** A packet, or the will inside a CONNECT. */
export type PropertyCarrier = PacketCommand | 'will';

/** How a property is written on the wire. This decides the type of its value. */
export const PropertyWireType = {
  /** One byte that is 0 or 1; a boolean. */
  FLAG: 'flag',
  /** One byte that is 0 or 1; a number. */
  BIT: 'bit',
  UINT16: 'uint16',
  UINT32: 'uint32',
  VAR_INT: 'varInt',
  STRING: 'string',
  BINARY: 'binary',
  PAIRS: 'pairs',
} as const;
/** How the value of a property is written. */
export type PropertyWireType = (typeof PropertyWireType)[keyof typeof PropertyWireType];

/** A property of MQTT 5, and the rules for it. */
export interface PropertyRule {
  /** Its identifier in the standard. */
  readonly id: number;
  /** Its name in packets of this library. */
  readonly name: PropertyName;
  /** Its encoding. */
  readonly type: PropertyWireType;
  /** The packets that may carry it. */
  readonly carriers: readonly PropertyCarrier[];
  /** The smallest valid number; the wire type gives the largest. */
  readonly min: 0 | 1;
}

const PUBLISHED = ['publish', 'will'] as const;
const ANSWERS = ['puback', 'pubrec', 'pubrel', 'pubcomp', 'suback', 'unsuback'] as const;
const EVERYWHERE = [
  'connect',
  'connack',
  ...PUBLISHED,
  ...ANSWERS,
  'subscribe',
  'unsubscribe',
  'disconnect',
  'auth',
] as const;

function rule(
  id: number,
  name: PropertyName,
  type: PropertyWireType,
  carriers: readonly PropertyCarrier[],
  min: 0 | 1 = 0,
): PropertyRule {
  return { id, name, type, carriers, min };
}

/** The 27 properties of MQTT 5 (section 2.2.2.2). */
export const propertyTable: readonly PropertyRule[] = [
  rule(0x01, 'payloadFormatIndicator', 'flag', PUBLISHED),
  rule(0x02, 'messageExpiryInterval', 'uint32', PUBLISHED),
  rule(0x03, 'contentType', 'string', PUBLISHED),
  rule(0x08, 'responseTopic', 'string', PUBLISHED),
  rule(0x09, 'correlationData', 'binary', PUBLISHED),
  rule(0x0b, 'subscriptionIdentifier', 'varInt', ['publish', 'subscribe'], 1),
  rule(0x11, 'sessionExpiryInterval', 'uint32', ['connect', 'connack', 'disconnect']),
  rule(0x12, 'assignedClientIdentifier', 'string', ['connack']),
  rule(0x13, 'serverKeepAlive', 'uint16', ['connack']),
  rule(0x15, 'authenticationMethod', 'string', ['connect', 'connack', 'auth']),
  rule(0x16, 'authenticationData', 'binary', ['connect', 'connack', 'auth']),
  rule(0x17, 'requestProblemInformation', 'flag', ['connect']),
  rule(0x18, 'willDelayInterval', 'uint32', ['will']),
  rule(0x19, 'requestResponseInformation', 'flag', ['connect']),
  rule(0x1a, 'responseInformation', 'string', ['connack']),
  rule(0x1c, 'serverReference', 'string', ['connack', 'disconnect']),
  rule(0x1f, 'reasonString', 'string', ['connack', ...ANSWERS, 'disconnect', 'auth']),
  rule(0x21, 'receiveMaximum', 'uint16', ['connect', 'connack'], 1),
  rule(0x22, 'topicAliasMaximum', 'uint16', ['connect', 'connack']),
  rule(0x23, 'topicAlias', 'uint16', ['publish'], 1),
  rule(0x24, 'maximumQoS', 'bit', ['connack']),
  rule(0x25, 'retainAvailable', 'flag', ['connack']),
  rule(0x26, 'userProperties', 'pairs', EVERYWHERE),
  rule(0x27, 'maximumPacketSize', 'uint32', ['connect', 'connack'], 1),
  rule(0x28, 'wildcardSubscriptionAvailable', 'flag', ['connack']),
  rule(0x29, 'subscriptionIdentifiersAvailable', 'flag', ['connack']),
  rule(0x2a, 'sharedSubscriptionAvailable', 'flag', ['connack']),
];

/** Whether a property may occur more than once in a packet (sections 2.2.2.2 and 3.3.2.3.8). */
export function mayRepeat({ type }: PropertyRule, carrier: PropertyCarrier): boolean {
  return type === 'pairs' || (type === 'varInt' && carrier === 'publish');
}

/** By identifier. */
export const propertyById: readonly (PropertyRule | undefined)[] = Array.from({ length: 0x2b }, (_, id) =>
  propertyTable.find((candidate) => candidate.id === id),
);

/** The properties by name. */
export const propertyByName: ReadonlyMap<string, PropertyRule> = new Map(
  propertyTable.map((entry) => [entry.name, entry]),
);
