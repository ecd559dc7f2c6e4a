import type { PublishPacket } from '../packet/publish-packet.js';
import { isUtf8 } from '../utf8.js';

/**
 * Whether the message claims to be UTF-8 and is not, so that PUBACK or PUBREC refuses it with 0x99 (section 3.3.2.3.2).
 * QoS 0 passes: it has no answer, and closing the connection would let any publisher cut it.
 */
export function isFalseText({ properties, qos, payload }: PublishPacket): boolean {
  return qos > 0 && properties?.payloadFormatIndicator === true && !isUtf8(payload);
}
