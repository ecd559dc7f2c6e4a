import { PublishPacket } from '../../src/packet/publish-packet.js';
import { encodeUtf8 } from '../../src/utf8.js';

/** A message as a subscriber gets it. */
export function message(topic: string, payload: string): PublishPacket {
  return new PublishPacket(topic, encodeUtf8(payload), 0, false, false, 0, undefined);
}
