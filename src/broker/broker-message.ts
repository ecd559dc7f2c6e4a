import { ErrorCode, PublishError } from '../errors.js';
import { checkProperties } from '../packet/check-properties.js';
import type { PublishProperties, QoS } from '../packet/packets.js';
import { PublishPacket } from '../packet/publish-packet.js';
import { topicNameProblem } from '../topic/topic-name.js';
import { encodeUtf8 } from '../utf8.js';

/** A message that the broker's process publishes. */
export interface BrokerMessage {
  readonly topic: string;
  readonly payload?: string | Uint8Array;
  /** Default 0. */
  readonly qos?: QoS;
  /** Default false. */
  readonly retain?: boolean;
  readonly properties?: PublishProperties;
}

/**
 * The message as a packet.
 * @throws PublishError for an invalid topic or property.
 */
export function asPacket({ topic, payload = '', qos = 0, retain = false, properties }: BrokerMessage): PublishPacket {
  const problem =
    topicNameProblem(topic) ?? (properties === undefined ? undefined : checkProperties(properties, 'publish'));
  if (problem !== undefined) {
    throw new PublishError(`publish to "${topic}" failed: ${problem}`, { code: ErrorCode.INVALID_TOPIC });
  }
  const bytes = typeof payload === 'string' ? encodeUtf8(payload) : payload;
  return new PublishPacket(topic, bytes, qos, retain, false, 0, properties);
}
