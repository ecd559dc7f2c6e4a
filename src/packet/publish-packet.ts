import { ErrorCode, MqttError } from '../errors.js';
import { shown } from '../options/check-options.js';
import { decodeUtf8 } from '../utf8.js';
import type { PublishProperties } from './property-types.js';
import type { QoS } from './qos.js';
import { allowedReasonCodes } from './reason-codes.js';

/** Receives the acknowledgement of one message; see `ack: 'manual'`. */
export interface Acknowledger {
  /**
   * Acknowledges a message.
   * @param reasonCode - for PUBACK or PUBREC; default 0.
   */
  acknowledge(message: PublishPacket, reasonCode?: number): void;
}

/**
 * A PUBLISH, and also the message that a subscriber receives: the decoder creates one object per message and passes it
 * through. All fields are set in one order, so that every instance has the same shape.
 *
 * `payload` is a view that keeps its whole chunk (up to 64 KiB) in memory. To keep a small payload for a long time,
 * copy it with `payload.slice()`.
 */
export class PublishPacket {
  /** The kind of packet. */
  readonly cmd = 'publish';
  /** @internal Set while an acknowledgement is outstanding; see {@link ack}. */
  declare acknowledger: Acknowledger | undefined;

  constructor(
    /** The topic name; never empty on a delivered message, even if the broker sent a topic alias. */
    public topic: string,
    /** The payload, as a view of the chunk that it came in. */
    public payload: Uint8Array,
    /** The quality of service. */
    public qos: QoS,
    /**
     * On a delivered message: a retained message sent in response to SUBSCRIBE (or the publisher's flag, with
     * `retainAsPublished`).
     */
    public retain: boolean,
    /** This is a resend. It does not tell whether the application saw the message before. */
    public dup: boolean,
    /** 0 at QoS 0. */
    public packetId: number,
    /** The properties (MQTT 5). */
    public properties: PublishProperties | undefined,
  ) {
    // Not data of the message, but set here so that every instance has the same shape.
    this.acknowledger = undefined;
  }

  /** The payload as UTF-8 text; bytes that are not UTF-8 become U+FFFD. */
  text(): string {
    return decodeUtf8(this.payload);
  }

  /**
   * The payload as JSON.
   * @throws MqttError `INVALID_JSON` when it is not JSON; its `cause` is the SyntaxError.
   */
  json<T = unknown>(): T {
    try {
      return JSON.parse(this.text()) as T;
    } catch (cause) {
      const problem = `the payload of ${JSON.stringify(this.topic)} is not JSON; read it with text(), or see the cause`;
      throw new MqttError(problem, { code: ErrorCode.INVALID_JSON, cause });
    }
  }

  /**
   * Acknowledges the message if the subscription uses `ack: 'manual'`; otherwise, and the second time, it does nothing.
   * Acknowledgements are sent in the order of arrival [MQTT-4.6.0-2], regardless of the order of the calls.
   *
   * After the connection is lost, a QoS 1 message is delivered again even if you acknowledge it. A QoS 2 message is
   * not: it is acknowledged on the session's next connection.
   *
   * @param reasonCode on MQTT 5, the code for PUBACK or PUBREC; 0x80 and above refuse the message, and the broker does
   * not send it again. Default 0x00.
   * @throws TypeError for a code that a client may not send [MQTT-3.4.2-1] [MQTT-3.5.2-1].
   */
  ack(reasonCode = 0): void {
    const { acknowledger } = this;
    if (reasonCode !== 0 && !allowedReasonCodes.puback.client.has(reasonCode)) {
      const why = `a client may not acknowledge with reason code ${shown(reasonCode)}`;
      throw new TypeError(`ack: ${why}; give 0, or one of PUBACK such as 0x87`);
    }
    if (acknowledger === undefined) return;
    this.acknowledger = undefined;
    acknowledger.acknowledge(this, reasonCode);
  }
}
