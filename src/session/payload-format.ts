import type { MonoTypeOperatorFunction } from 'rxjs';
import type { PublishPacket } from '../packet/publish-packet.js';
import { operate } from '../rx/operate.js';
import { isUtf8 } from '../utf8.js';

/** Sets the answer to the message being delivered. */
export interface PayloadAnswers {
  answerWith(reasonCode: number): void;
}

/**
 * Refuses messages that claim to be UTF-8 and are not: answers 0x99 in PUBACK or PUBREC instead of delivering them
 * (section 3.3.2.3.2). QoS 0 passes: it has no answer, and closing the connection would let any publisher cut it.
 */
export function validatePayloadFormat(answers: PayloadAnswers): MonoTypeOperatorFunction<PublishPacket> {
  return operate((subscriber) => (message) => {
    const claimed = message.properties?.payloadFormatIndicator === true && message.qos > 0;
    if (claimed && !isUtf8(message.payload)) answers.answerWith(0x99);
    else subscriber.next(message);
  });
}
