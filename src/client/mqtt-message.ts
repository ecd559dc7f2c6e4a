import type { PublishProperties, QoS } from '../packet/packets.js';

/**
 * A received message. `payload` is a view of the chunk in which it arrived, beside other messages. Copy it, `const own
 * = payload.slice()`,
 * - to read it as numbers: `new Float32Array(own.buffer)`. A view of `payload.buffer` itself throws a RangeError unless
 *   the payload happens to start at a multiple of four;
 * - to transfer it: `worker.postMessage(own.buffer, [own.buffer])`. Transferring `payload.buffer` empties the payloads
 *   of other messages as well;
 * - to keep a small payload for a long time: the view keeps its whole chunk (up to 64 KiB) in memory.
 */
export interface MqttMessage {
  /** The topic name, in full even where the broker sent a topic alias. */
  readonly topic: string;
  /** The payload; see above for when to copy it. */
  readonly payload: Uint8Array;
  /** The QoS of this delivery: at most that of the publish and that of the subscription. */
  readonly qos: QoS;
  /** A retained message that answers SUBSCRIBE; with `retainAsPublished`, the flag that the publisher set. */
  readonly retain: boolean;
  /** The broker may have sent this message before. It does not tell whether the application saw it. */
  readonly dup: boolean;
  /** The packet identifier; 0 at QoS 0. */
  readonly packetId: number;
  /** Properties of the message (MQTT 5); undefined when there are none. */
  readonly properties: PublishProperties | undefined;

  /** The payload as UTF-8 text. Bytes that are not UTF-8 become U+FFFD. */
  text(): string;

  /**
   * The payload as JSON.
   * @throws MqttError `INVALID_JSON`, with the SyntaxError as its `cause`, when it is not JSON.
   */
  json<T = unknown>(): T;

  /**
   * Acknowledges the message if its subscription has `ack: 'manual'`; otherwise, and the second time, it does nothing.
   * After the connection was lost, a QoS 1 message comes again whether it is acknowledged or not; a QoS 2 message does
   * not, and is acknowledged on the next connection of the session. Acknowledgements are sent in the order of arrival
   * [MQTT-4.6.0-2], regardless of the order of the calls.
   *
   * @param reasonCode - of PUBACK or PUBREC (MQTT 5). 0x80 and above refuse the message, and the broker does not send
   * it again. Default 0x00.
   * @throws TypeError for a code that a client may not send [MQTT-3.4.2-1] [MQTT-3.5.2-1].
   */
  ack(reasonCode?: number): void;
}
