import { encodeAny } from '../../packet/encode-any.js';
import { LARGEST_PACKET } from '../../packet/limits.js';
import type { ConnackPacket, ConnackProperties, ConnectPacket, ProtocolVersion } from '../../packet/packets.js';
import { allowedReasonCodes, ConnectReturnCode, ReasonCode } from '../../packet/reason-codes.js';
import { WriteBuffer } from '../../packet/write-buffer.js';
import type { AcceptedConnection } from '../../transport/transport.js';
import type { BrokerLimits } from '../broker-limits.js';
import { CONNACK_REASONS } from './reason-strings.js';

/**
 * Answers CONNECT with a refusal and closes; on 3.1.1 without a word where it has no code for the reason.
 * @param connect - what is refused, where it could be read: it says whether the client wants to know more.
 */
export function refuse(
  connection: AcceptedConnection,
  version: ProtocolVersion,
  reasonCode: number,
  connect?: ConnectPacket,
): void {
  const code = version === 5 ? connackCode(reasonCode) : returnCodeOf(reasonCode);
  if (code !== undefined) {
    const answer: ConnackPacket = { cmd: 'connack', sessionPresent: false, reasonCode: code };
    if (connect !== undefined && version === 5) explain(answer, connect);
    encodeAny(answer, connection.out, version);
    connection.commit();
  }
  connection.end();
}

/** Whether a client wants reason strings. */
export function wantsReasons({ protocolVersion, properties }: ConnectPacket): boolean {
  return protocolVersion === 5 && properties?.requestProblemInformation !== false;
}

/** Adds the reason, unless the client would not take so large a packet [MQTT-3.2.2-19]. */
function explain(answer: ConnackPacket, connect: ConnectPacket): void {
  const reasonString = CONNACK_REASONS.get(answer.reasonCode);
  if (reasonString === undefined || !wantsReasons(connect)) return;
  answer.properties = { reasonString };
  const apart = new WriteBuffer(512);
  encodeAny(answer, apart, 5);
  if (apart.length > (connect.properties?.maximumPacketSize ?? LARGEST_PACKET)) answer.properties = undefined;
}

/** [MQTT-3.2.2-8] */
function connackCode(reasonCode: number): number {
  return allowedReasonCodes.connack.server.has(reasonCode) ? reasonCode : ReasonCode.UNSPECIFIED_ERROR;
}

/** What 3.1 and 3.1.1 say instead of a reason code; undefined for what they do not say. */
function returnCodeOf(reasonCode: number): number | undefined {
  switch (reasonCode) {
    case ReasonCode.MALFORMED_PACKET:
    case ReasonCode.PROTOCOL_ERROR:
      return undefined;
    case ReasonCode.UNSUPPORTED_PROTOCOL_VERSION:
      return ConnectReturnCode.UNACCEPTABLE_PROTOCOL_VERSION;
    case ReasonCode.CLIENT_IDENTIFIER_NOT_VALID:
      return ConnectReturnCode.IDENTIFIER_REJECTED;
    case ReasonCode.BAD_USER_NAME_OR_PASSWORD:
      return ConnectReturnCode.BAD_USER_NAME_OR_PASSWORD;
    case ReasonCode.NOT_AUTHORIZED:
    case ReasonCode.BANNED:
    case ReasonCode.BAD_AUTHENTICATION_METHOD:
      return ConnectReturnCode.NOT_AUTHORIZED;
    default:
      return ConnectReturnCode.SERVER_UNAVAILABLE;
  }
}

/** What was agreed with a client beyond its wishes. */
export interface NegotiatedTerms {
  readonly clientId: string;
  /** Seconds. */
  readonly keepalive: number;
  /** Seconds; `Infinity` for a session that does not expire. */
  readonly expiryInterval: number;
  /** The identifier that the broker gave it. */
  readonly assignedClientId: string | undefined;
  readonly responseInformation: string | undefined;
  /** The last word of an enhanced authentication. */
  readonly authenticationData: Uint8Array | undefined;
}

/** The properties of an accepting CONNACK: only what differs from what the client assumes without them. */
export function connackProperties(
  connect: ConnectPacket,
  terms: NegotiatedTerms,
  limits: BrokerLimits,
): ConnackProperties | undefined {
  if (connect.protocolVersion !== 5) return undefined;
  const properties: ConnackProperties = {};
  if (terms.expiryInterval !== expiryOf(connect)) {
    properties.sessionExpiryInterval = Math.min(terms.expiryInterval, 0xffffffff);
  }
  if (limits.receiveMaximum < 65535) properties.receiveMaximum = limits.receiveMaximum;
  if (limits.packetSize <= 0xffffffff) properties.maximumPacketSize = limits.packetSize;
  if (terms.assignedClientId !== undefined) properties.assignedClientIdentifier = terms.assignedClientId;
  if (limits.topicAliases > 0) properties.topicAliasMaximum = limits.topicAliases;
  if (terms.keepalive !== connect.keepalive) properties.serverKeepAlive = terms.keepalive;
  // [MQTT-3.1.2-28]
  if (connect.properties?.requestResponseInformation === true && terms.responseInformation !== undefined) {
    properties.responseInformation = terms.responseInformation;
  }
  if (connect.properties?.authenticationMethod !== undefined) {
    properties.authenticationMethod = connect.properties.authenticationMethod;
    if (terms.authenticationData !== undefined) properties.authenticationData = terms.authenticationData;
  }
  return properties;
}

/** Seconds that the client wants its session to outlive the connection [MQTT-3.1.2-23]. */
export function expiryOf({ protocolVersion, clean, properties }: ConnectPacket): number {
  if (protocolVersion !== 5) return clean ? 0 : Infinity;
  const interval = properties?.sessionExpiryInterval ?? 0;
  return interval === 0xffffffff ? Infinity : interval;
}
