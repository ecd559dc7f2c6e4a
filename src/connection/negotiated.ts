import type { ConnackPacket, ConnectPacket, ProtocolVersion, QoS, UserProperties } from '../packet/packets.js';
import { LARGEST_PACKET, type SendLimits } from '../packet/limits.js';

/** What holds on one connection: the defaults of the protocol, CONNECT and CONNACK put together. */
export interface Negotiated extends SendLimits {
  readonly protocolVersion: ProtocolVersion;
  /** The client identifier in force: ours, or the one that the broker assigned. */
  readonly clientId: string;
  /** Seconds; the broker's where it sent one [MQTT-3.2.2-21]. 0: no keep-alive. */
  readonly keepalive: number;
  /** Seconds; 0: the session ends with the connection; 0xFFFFFFFF: it does not expire. */
  readonly sessionExpiry: number;
  /** Exchanges at QoS 1 and 2 that we may have open at a time. */
  readonly receiveMaximum: number;
  readonly maximumQoS: QoS;
  readonly retainAvailable: boolean;
  /** Bytes of the largest packet that the broker takes. */
  readonly maximumPacketSize: number;
  /** Topic aliases that the broker takes; 0: none. */
  readonly topicAliasMaximum: number;
  readonly wildcardSubscriptionAvailable: boolean;
  readonly subscriptionIdentifiersAvailable: boolean;
  readonly sharedSubscriptionAvailable: boolean;
  readonly responseInformation: string | undefined;
  readonly serverReference: string | undefined;
  readonly reasonString: string | undefined;
  readonly userProperties: UserProperties | undefined;
}

/** CONNACK says it, or else CONNECT, or else the standard. */
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
    sharedSubscriptionAvailable: v5 && (said.sharedSubscriptionAvailable ?? true),
    responseInformation: said.responseInformation,
    serverReference: said.serverReference,
    reasonString: said.reasonString,
    userProperties: said.userProperties,
  };
}
