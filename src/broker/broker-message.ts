import { isBytes } from '../bytes.js';
import { ErrorCode, PublishError } from '../errors.js';
import { quoted } from '../quoted.js';
import {
  checkOptions,
  type Checks,
  flag,
  isRecord,
  kindOf,
  oneOf,
  shown,
  that,
  unchecked,
} from '../options/check-options.js';
import { checkProperties } from '../packet/check-properties.js';
import type { PublishProperties, QoS } from '../packet/packets.js';
import { PublishPacket } from '../packet/publish-packet.js';
import { topicNameProblem } from '../topic/topic-name.js';
import { encodeUtf8 } from '../utf8.js';

/**
 * A message that the broker's process publishes. What `published$` tells is one, too: other fields of a packet are
 * ignored.
 */
export interface BrokerMessage {
  /** The topic, without wildcards; no mount point is put before it. */
  readonly topic: string;
  /** A text, which is sent as UTF-8, or bytes. Default: empty. */
  readonly payload?: string | Uint8Array;
  /** Default 0. */
  readonly qos?: QoS;
  /** Default false. */
  readonly retain?: boolean;
  /** The properties of PUBLISH (MQTT 5). Default: none. */
  readonly properties?: PublishProperties | undefined;
}

const KNOWN: Checks<BrokerMessage> = {
  topic: unchecked,
  payload: that((value) => typeof value === 'string' || isBytes(value), 'a text or a Uint8Array'),
  qos: oneOf(0, 1, 2),
  retain: flag,
  properties: unchecked,
};

/** What a packet has beside that. */
const OF_PACKET = {
  cmd: unchecked,
  dup: unchecked,
  packetId: unchecked,
  messageId: unchecked,
  acknowledger: unchecked,
};

/**
 * The message as a packet.
 * @throws PublishError for an invalid topic or property, TypeError for what is unknown or of the wrong kind.
 */
export function asPacket(message: BrokerMessage): PublishPacket {
  if (!isRecord(message)) throw new TypeError(`publish: the message is ${kindOf(message)}; give { topic, payload }`);
  const {
    topic,
    payload = '',
    qos = 0,
    retain = false,
    properties,
  } = checkOptions<BrokerMessage>(message, { ...KNOWN, ...OF_PACKET }, 'publish');
  const problem = topicNameProblem(topic);
  if (problem !== undefined) {
    throw new PublishError(`publish: the topic ${shown(topic)} ${problem}`, { code: ErrorCode.INVALID_TOPIC });
  }
  const odd = properties === undefined ? undefined : checkProperties(properties, 'publish');
  if (odd !== undefined) {
    throw new PublishError(`publish to ${quoted(topic)} failed: ${odd}`, { code: ErrorCode.INVALID_PROPERTY });
  }
  const bytes = typeof payload === 'string' ? encodeUtf8(payload) : payload;
  return new PublishPacket(topic, bytes, qos, retain, false, 0, properties);
}
