import { asBytes } from '../bytes.js';
import type { MqttMessage } from '../client/mqtt-message.js';
import type { PublishProperties, QoS } from '../packet/packets.js';
import { PublishPacket } from '../packet/publish-packet.js';
import { encodeUtf8 } from '../utf8.js';

/** What a message has beside its topic and its payload. */
export interface MessageOptions {
  /** Default 0. */
  readonly qos?: QoS;
  /** Default false. */
  readonly retain?: boolean;
  /** Default false. */
  readonly dup?: boolean;
  /** Its properties (MQTT 5). */
  readonly properties?: PublishProperties;
}

/** A message as diagrams name it: topic, payload and options in a row, or as one object. */
export type MessageInit =
  | readonly [topic: string, payload?: unknown, options?: MessageOptions]
  | (MessageOptions & { readonly topic: string; readonly payload?: unknown });

/**
 * A message as a subscriber receives it, for tests of plain functions. Text and bytes are taken as they are; everything
 * else is written as JSON.
 *
 * @example
 * ```ts
 * expect(isWarm(message('hall/7', { celsius: 21 }, { qos: 1 }))).toBe(true);
 * ```
 */
export function message(topic: string, payload: unknown = '', options: MessageOptions = {}): MqttMessage {
  const { qos = 0, retain = false, dup = false, properties } = options;
  return new PublishPacket(topic, toBytes(payload), qos, retain, dup, qos === 0 ? 0 : 1, properties);
}

/** The message that a diagram names. */
export function toMessage(init: MessageInit): MqttMessage {
  if (isTuple(init)) return message(...init);
  return message(init.topic, init.payload, init);
}

export const isTuple = (init: unknown): init is readonly [string, unknown?, MessageOptions?] => Array.isArray(init);

/** Text and bytes as they are, everything else as JSON. */
export function toBytes(payload: unknown): Uint8Array {
  return asBytes(payload) ?? encodeUtf8(payload === undefined ? '' : JSON.stringify(payload));
}
