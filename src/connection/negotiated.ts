import type { ConnackPacket, ConnectPacket, ProtocolVersion, QoS, UserProperties } from '../packet/packets.js';
import { LARGEST_PACKET, type SendLimits } from '../packet/limits.js';

/** The negotiated limits of one connection: from CONNACK, else CONNECT, else the standard's defaults. */
export interface Negotiated extends SendLimits {
  /** 3 (MQTT 3.1), 4 (3.1.1) or 5. */
  readonly protocolVersion: ProtocolVersion;
  /** The client identifier in use: ours, or the one the broker assigned. */
  readonly clientId: string;
  /** The keep-alive period in s: the broker's if it sent one [MQTT-3.2.2-21]. 0: no keep-alive. */
  readonly keepalive: number;
  /** How long the session outlives the connection, in s. 0: not at all; 0xFFFFFFFF: forever. */
  readonly sessionExpiry: number;
  /** How many QoS 1 and 2 exchanges the client may have open at a time. */
  readonly receiveMaximum: number;
  /** The highest QoS that the broker accepts. */
  readonly maximumQoS: QoS;
  /** Whether the broker supports retained messages. */
  readonly retainAvailable: boolean;
  /** The largest packet that the broker accepts, in bytes. */
  readonly maximumPacketSize: number;
  /** How many topic aliases the broker accepts. */
  readonly topicAliasMaximum: number;
  /** Whether the broker supports wildcards in filters. */
  readonly wildcardSubscriptionAvailable: boolean;
  /** Whether the broker supports subscription identifiers. */
  readonly subscriptionIdentifiersAvailable: boolean;
  /** Whether the broker supports shared subscriptions. */
  readonly sharedSubscriptionAvailable: boolean;
  /** The prefix for response topics of this client. */
  readonly responseInformation: string | undefined;
  /** Another server to use. */
  readonly serverReference: string | undefined;
  /** The broker's human-readable reason string. */
  readonly reasonString: string | undefined;
  /** User properties of CONNACK. */
  readonly userProperties: UserProperties | undefined;
}

export function negotiate(connect: ConnectPacket, connack: ConnackPacket): Negotiated {
  const said = connack.properties ?? {};
  const v5 = connect.protocolVersion === 5;
  return {
    protocolVersion: connect.protocolVersion,
    clientId: said.assignedClientIdentifier ?? connect.clientId,
    keepalive: said.serverKeepAlive ?? connect.keepalive,
    sessionExpiry: v5
      ? (said.sessionExpiryInterval ?? connect.properties?.sessionExpiryInterval ?? 0)
      : connect.clean
        ? 0
        : 0xffff_ffff,
    receiveMaximum: said.receiveMaximum ?? 65535,
    maximumQoS: said.maximumQoS ?? 2,
    retainAvailable: said.retainAvailable ?? true,
    maximumPacketSize: said.maximumPacketSize ?? LARGEST_PACKET,
    topicAliasMaximum: said.topicAliasMaximum ?? 0,
    wildcardSubscriptionAvailable: said.wildcardSubscriptionAvailable ?? true,
    subscriptionIdentifiersAvailable: v5 && (said.subscriptionIdentifiersAvailable ?? true),
    // Before MQTT 5 a broker cannot announce it, so we just try.
    sharedSubscriptionAvailable: said.sharedSubscriptionAvailable ?? true,
    responseInformation: said.responseInformation,
    serverReference: said.serverReference,
    reasonString: said.reasonString,
    userProperties: said.userProperties,
  };
}
