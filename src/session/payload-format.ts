import type { MonoTypeOperatorFunction } from 'rxjs';
import type { PublishPacket } from '../packet/publish-packet.js';
import { operate } from '../rx/operate.js';
import { isUtf8 } from '../utf8.js';

/** Decides on the answer to the message that is being delivered. */
export interface PayloadAnswers {
  answerWith(reasonCode: number): void;
}

/**
 * Refuses messages that say they are UTF-8 and are not: PUBACK or PUBREC with 0x99 instead of a delivery (section
 * 3.3.2.3.2). QoS 0 has no answer, and closing the connection would let any publisher cut it: there they pass.
 */
export function validatePayloadFormat(answers: PayloadAnswers): MonoTypeOperatorFunction<PublishPacket> {
  return operate((subscriber) => (message) => {
    const claimed = message.properties?.payloadFormatIndicator === true && message.qos > 0;
    if (claimed && !isUtf8(message.payload)) answers.answerWith(0x99);
    else subscriber.next(message);
  });
}
