import type { ProtocolVersion, QoS } from './packets.js';

/** The largest packet that MQTT can frame: a fixed header of five bytes and 268 435 455 bytes. */
export const LARGEST_PACKET = 268_435_460;

/** What the other side said at CONNECT or CONNACK that it takes from us. */
export interface SendLimits {
  readonly protocolVersion: ProtocolVersion;
  /** Exchanges at QoS 1 and 2 that may be open at a time. 65535 where nothing was said. */
  readonly receiveMaximum: number;
  readonly maximumQoS: QoS;
  readonly retainAvailable: boolean;
  /** Bytes of a whole packet; {@link LARGEST_PACKET} where nothing was said. */
  readonly maximumPacketSize: number;
}
