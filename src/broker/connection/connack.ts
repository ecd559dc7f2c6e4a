import { encodeAny } from '../../packet/encode-any.js';
import { LARGEST_PACKET, type SendLimits } from '../../packet/limits.js';
import type {
  ConnackPacket,
  ConnackProperties,
  ConnectPacket,
  Packet,
  ProtocolVersion,
  QoS,
} from '../../packet/packets.js';
import { allowedReasonCodes, ConnectReturnCode, ReasonCode } from '../../packet/reason-codes.js';
import { WriteBuffer } from '../../packet/write-buffer.js';
import type { AcceptedConnection } from '../../transport/transport.js';
import type { BrokerLimits } from '../broker-limits.js';
import { CONNACK_REASONS } from './reason-strings.js';

/**
 * Refuses a CONNECT and closes: silently when 3.1.1 has no code for the reason, and when the client takes no packet as
 * large as the refusal.
 * @param connect - the refused CONNECT, if it could be read: it says whether the client wants reason strings.
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
    const maximumPacketSize = connect?.properties?.maximumPacketSize ?? LARGEST_PACKET;
    if (connect !== undefined && version === 5) explain(answer, connect, maximumPacketSize);
    if (fits(answer, { maximumPacketSize, protocolVersion: version })) {
      encodeAny(answer, connection.out, version);
      connection.commit();
    }
  }
  connection.end();
}

/** Whether a client wants reason strings. */
export function wantsReasons({ protocolVersion, properties }: ConnectPacket): boolean {
  return protocolVersion === 5 && properties?.requestProblemInformation !== false;
}

/** Adds the reason, unless the packet would exceed the client's maximum [MQTT-3.2.2-19]. */
function explain(answer: ConnackPacket, connect: ConnectPacket, maximumPacketSize: number): void {
  const reasonString = CONNACK_REASONS.get(answer.reasonCode);
  if (reasonString === undefined || !wantsReasons(connect)) return;
  answer.properties = { reasonString };
  if (!fits(answer, { maximumPacketSize, protocolVersion: 5 })) answer.properties = undefined;
}

/** Whether the packet is within the client's maximum packet size. */
export function fits(
  packet: Packet,
  { maximumPacketSize, protocolVersion }: Pick<SendLimits, 'maximumPacketSize' | 'protocolVersion'>,
): boolean {
  if (maximumPacketSize === LARGEST_PACKET) return true;
  const scratch = new WriteBuffer(512);
  encodeAny(packet, scratch, protocolVersion);
  return scratch.length <= maximumPacketSize;
}

/** [MQTT-3.2.2-8] */
function connackCode(reasonCode: number): number {
  return allowedReasonCodes.connack.server.has(reasonCode) ? reasonCode : ReasonCode.UNSPECIFIED_ERROR;
}

/** The return code of 3.1 and 3.1.1 for a reason code; undefined when there is none. */
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
    case ReasonCode.QOS_NOT_SUPPORTED:
    case ReasonCode.RETAIN_NOT_SUPPORTED:
      return ConnectReturnCode.NOT_AUTHORIZED;
    default:
      return ConnectReturnCode.SERVER_UNAVAILABLE;
  }
}

/** The parameters of a connection that the broker set. */
export interface ConnackSettings {
  readonly clientId: string;
  /** Seconds. */
  readonly keepalive: number;
  /** Seconds; `Infinity` for a session that does not expire. */
  readonly expiryInterval: number;
  readonly maxQos: QoS;
  readonly retainAvailable: boolean;
  readonly receiveMaximum: number;
  /** The identifier that the broker assigned. */
  readonly assignedClientId: string | undefined;
  readonly responseInformation: string | undefined;
  /** The final data of an enhanced authentication. */
  readonly authenticationData: Uint8Array | undefined;
}

/** The properties of a successful CONNACK: only what differs from the defaults. */
export function connackProperties(
  connect: ConnectPacket,
  settings: ConnackSettings,
  limits: BrokerLimits,
): ConnackProperties | undefined {
  if (connect.protocolVersion !== 5) return undefined;
  const properties: ConnackProperties = {};
  if (settings.expiryInterval !== expiryOf(connect)) {
    properties.sessionExpiryInterval = Math.min(settings.expiryInterval, 0xffffffff);
  }
  if (settings.receiveMaximum < 65535) properties.receiveMaximum = settings.receiveMaximum;
  // [MQTT-3.2.2-9]
  if (settings.maxQos < 2) properties.maximumQoS = settings.maxQos;
  if (!settings.retainAvailable) properties.retainAvailable = false;
  if (limits.packetSize <= 0xffffffff) properties.maximumPacketSize = limits.packetSize;
  if (settings.assignedClientId !== undefined) properties.assignedClientIdentifier = settings.assignedClientId;
  if (limits.topicAliases > 0) properties.topicAliasMaximum = limits.topicAliases;
  if (settings.keepalive !== connect.keepalive) properties.serverKeepAlive = settings.keepalive;
  // [MQTT-3.1.2-28]
  if (connect.properties?.requestResponseInformation === true && settings.responseInformation !== undefined) {
    properties.responseInformation = settings.responseInformation;
  }
  if (connect.properties?.authenticationMethod !== undefined) {
    properties.authenticationMethod = connect.properties.authenticationMethod;
    if (settings.authenticationData !== undefined) properties.authenticationData = settings.authenticationData;
  }
  return properties;
}

/** Seconds that the client wants its session to outlive the connection [MQTT-3.1.2-23]. */
export function expiryOf({ protocolVersion, clean, properties }: ConnectPacket): number {
  if (protocolVersion !== 5) return clean ? 0 : Infinity;
  const interval = properties?.sessionExpiryInterval ?? 0;
  return interval === 0xffffffff ? Infinity : interval;
}
