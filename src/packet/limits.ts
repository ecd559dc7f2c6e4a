import type { ProtocolVersion, QoS } from './packets.js';

/** The largest MQTT packet: a fixed header of five bytes and 268 435 455 bytes. */
export const LARGEST_PACKET = 268_435_460;

/**
 * How many user properties a server reads in one packet: legitimate packets have a handful, and each one costs work.
 */
export const MOST_USER_PROPERTIES = 500;

/** The limits that the other side announced in CONNECT or CONNACK. */
export interface SendLimits {
  readonly protocolVersion: ProtocolVersion;
  /** How many QoS 1 and 2 exchanges may be open at a time. Default 65535. */
  readonly receiveMaximum: number;
  readonly maximumQoS: QoS;
  readonly retainAvailable: boolean;
  /** The largest packet, in bytes. Default {@link LARGEST_PACKET}. */
  readonly maximumPacketSize: number;
}
