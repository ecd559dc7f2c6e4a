import type { Side } from './fixed-header.js';
import { malformed, violation } from './malformed.js';
import { PacketReader } from './packet-reader.js';
import type { ProtocolVersion, PublishProperties, QoS } from './packets.js';
import { PublishPacket } from './publish-packet.js';
import { readProperties } from './read-fields.js';
import type { TopicCache } from './topic-cache.js';

/**
 * Reads a PUBLISH of any version; the payload is a view.
 * @param view on the same bytes; created once per chunk, and the faster way to their buffer
 * @throws ProtocolError, as {@link validate} does for the other packets.
 */
export function readPublish(
  first: number,
  bytes: Uint8Array,
  view: DataView,
  start: number,
  end: number,
  version: ProtocolVersion,
  receiver: Side,
  topics: TopicCache,
): PublishPacket {
  const qos = (first >> 1) & 3;
  const dup = (first & 8) !== 0;
  // [MQTT-3.3.1-4]
  if (qos === 3) throw malformed('PUBLISH has QoS 3');
  // [MQTT-3.3.1-2], which MQTT 3.1 does not have.
  if (dup && qos === 0 && version !== 3) throw violation('PUBLISH has DUP set at QoS 0');
  const topicStart = start + 2;
  if (topicStart > end) throw malformed('PUBLISH ends within its topic');
  const topicEnd = topicStart + (((bytes[start] as number) << 8) | (bytes[start + 1] as number));
  let at = qos === 0 ? topicEnd : topicEnd + 2;
  if (at > end) throw malformed('PUBLISH ends within its topic or packet identifier');
  const topic = topics.read(bytes, topicStart, topicEnd, view);
  if (topic === undefined) throw malformed('PUBLISH has a topic that is not UTF-8 or holds U+0000 or a wildcard');
  let packetId = 0;
  if (qos !== 0) {
    packetId = ((bytes[topicEnd] as number) << 8) | (bytes[topicEnd + 1] as number);
    if (packetId === 0) throw violation('PUBLISH has packet identifier 0');
  }
  let properties: PublishProperties | undefined;
  if (version === 5) {
    if (at < end && bytes[at] === 0) {
      at++;
    } else {
      const reader = new PacketReader(bytes, at, end, 'publish');
      properties = readProperties(reader, 'publish', receiver);
      at = reader.at;
      // [MQTT-3.3.4-6]
      if (receiver === 'server' && properties?.subscriptionIdentifier !== undefined) {
        throw violation('PUBLISH of a client holds a subscription identifier');
      }
    }
  }
  if (topicStart === topicEnd && properties?.topicAlias === undefined) {
    throw violation('PUBLISH has neither a topic nor a topic alias');
  }
  const payload = new Uint8Array(view.buffer, view.byteOffset + at, end - at);
  return new PublishPacket(topic, payload, qos as QoS, (first & 1) !== 0, dup, packetId, properties);
}
