import { decodeUtf8 } from '../utf8.js';
import type { PublishProperties } from './property-types.js';
import type { QoS } from './qos.js';
import { allowedReasonCodes } from './reason-codes.js';

/** Takes the acknowledgement of one message; see `ack: 'manual'`. */
export interface Acknowledger {
  /** @param reasonCode of PUBACK or PUBREC; 0 when left out. */
  acknowledge(message: PublishPacket, reasonCode?: number): void;
}

/**
 * A PUBLISH. It is also what a subscriber receives: the decoder makes one object a message, and that object travels
 * to the subscriber. All fields are set in one order, so that every instance has the same shape.
 *
 * `payload` is a view of the chunk that it arrived in and keeps that chunk (up to 64 KiB) in memory: copy it with
 * `payload.slice()` when a small payload is kept for long.
 */
export class PublishPacket {
  readonly cmd = 'publish';
  /** Set by the library while an acknowledgement is owed; see {@link ack}. */
  declare acknowledger: Acknowledger | undefined;

  constructor(
    /** The topic name; never empty once it is delivered, also where the broker sent a topic alias. */
    public topic: string,
    public payload: Uint8Array,
    public qos: QoS,
    /** On a delivered message: a retained message that answers SUBSCRIBE (or as published, if that was asked for). */
    public retain: boolean,
    /** Sent before. Says nothing about whether the application saw it. */
    public dup: boolean,
    /** 0 at QoS 0. */
    public packetId: number,
    public properties: PublishProperties | undefined,
  ) {
    // Not enumerable data of the message, yet part of its shape from the start.
    this.acknowledger = undefined;
  }

  /** The payload as UTF-8 text; bytes that are not UTF-8 become U+FFFD. */
  text(): string {
    return decodeUtf8(this.payload);
  }

  /**
   * The payload as JSON.
   * @throws SyntaxError when it is not JSON.
   */
  json<T = unknown>(): T {
    return JSON.parse(this.text()) as T;
  }

  /**
   * Acknowledges the message where the subscription asked for `ack: 'manual'`; elsewhere and a second time it does
   * nothing. After its connection was lost, a message at QoS 1 comes again whether it is acknowledged or not; one at
   * QoS 2 does not, and is acknowledged on the next connection of the session. Acknowledgements leave in the order of
   * arrival [MQTT-4.6.0-2], whatever order they are given in.
   *
   * @param reasonCode - on MQTT 5, the code of PUBACK or PUBREC; from 0x80 on it refuses the message, and the broker
   * does not send it again. Default 0x00.
   * @throws TypeError for a code that a client may not send [MQTT-3.4.2-1] [MQTT-3.5.2-1].
   */
  ack(reasonCode = 0): void {
    const { acknowledger } = this;
    if (reasonCode !== 0 && !allowedReasonCodes.puback.client.has(reasonCode)) {
      throw new TypeError(`ack: reason code ${reasonCode} is not one that a client may acknowledge with`);
    }
    if (acknowledger === undefined) return;
    this.acknowledger = undefined;
    acknowledger.acknowledge(this, reasonCode);
  }
}
