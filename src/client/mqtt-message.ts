import type { PublishProperties, QoS } from '../packet/packets.js';

/**
 * A message as subscribers receive it. `payload` is a view of the chunk in which it arrived, beside other messages. So
 * copy it, `const own = payload.slice()`,
 * - to read it as numbers: `new Float32Array(own.buffer)`. A view of `payload.buffer` itself throws a RangeError wherever
 *   the payload does not lie at a multiple of four;
 * - to transfer it: `worker.postMessage(own.buffer, [own.buffer])`. Transferring `payload.buffer` empties the payloads of
 *   other messages as well;
 * - to keep a small payload for long: the view keeps its whole chunk (up to 64 KiB) in memory.
 */
export interface MqttMessage {
  /** The topic name, in full even where the broker sent a topic alias. */
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: QoS;
  /** A retained message that answers SUBSCRIBE; with `retainAsPublished`, the flag that the publisher set. */
  readonly retain: boolean;
  /** The broker may have sent this message before. It does not tell whether the application saw it. */
  readonly dup: boolean;
  /** 0 at QoS 0. */
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
   * Acknowledges the message when its subscription has `ack: 'manual'`; elsewhere, and a second time, it does nothing.
   * After the connection was lost, a QoS 1 message comes again whether it is acknowledged or not; a QoS 2 message does
   * not, and is acknowledged on the next connection of the session. Acknowledgements leave in the order of arrival
   * [MQTT-4.6.0-2], in whatever order they are given.
   *
   * @param reasonCode - of PUBACK or PUBREC (MQTT 5). From 0x80 on it refuses the message, and the broker does not send
   * it again. Default 0x00.
   * @throws TypeError for a code that a client may not send [MQTT-3.4.2-1] [MQTT-3.5.2-1].
   */
  ack(reasonCode?: number): void;
}
