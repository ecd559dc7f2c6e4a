import { ErrorCode, PublishError } from '../errors.js';
import { publishSize } from '../packet/encode.js';
import { LARGEST_PACKET, type SendLimits } from '../packet/limits.js';
import { quoted } from '../quoted.js';
import type { OutgoingPublish } from './outgoing-publish.js';

/** Smaller payloads fit into the largest packet with any topic and properties. */
const ALWAYS_FITS = 200_000_000;

/** Why the peer's limits refuse a message; undefined if they do not. [MQTT-3.2.2-11] [MQTT-3.2.2-14] [MQTT-3.2.2-15] */
export function refusalOf(
  message: Pick<OutgoingPublish, 'topic' | 'payload' | 'qos' | 'retain' | 'properties'>,
  limits: SendLimits,
): PublishError | undefined {
  if (message.qos > limits.maximumQoS) {
    return new PublishError(
      `publish to ${quoted(message.topic)} failed: the broker accepts QoS ${limits.maximumQoS} at most; lower qos, or set downgradeQos`,
      { code: ErrorCode.NOT_SUPPORTED, reasonCode: 0x9b },
    );
  }
  if (message.retain && !limits.retainAvailable) {
    return new PublishError(
      `publish to ${quoted(message.topic)} failed: the broker keeps no retained messages; publish without retain`,
      { code: ErrorCode.NOT_SUPPORTED, reasonCode: 0x9a },
    );
  }
  if (limits.maximumPacketSize === LARGEST_PACKET && message.payload.length < ALWAYS_FITS) return undefined;
  const size = publishSize(limits.protocolVersion, message.topic, message.payload, message.qos, message.properties);
  if (size <= limits.maximumPacketSize) return undefined;
  return new PublishError(
    `publish to ${quoted(message.topic)} failed: the packet has ${size} bytes, and the broker accepts ` +
      `${limits.maximumPacketSize} at most; send less at once`,
    { code: ErrorCode.PACKET_TOO_LARGE, reasonCode: 0x95 },
  );
}
