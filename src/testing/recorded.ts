import { Observable } from 'rxjs';
import type { MqttMessage } from '../client/mqtt-message.js';
import type { PublishProperties, QoS } from '../packet/packets.js';
import { afterElapsed, elapsed } from '../rx/clock.js';
import { message } from './message.js';

/** One line of a recording. */
export interface RecordedMessage {
  /** ms since the first line, with up to three decimals. */
  readonly time: number;
  readonly topic: string;
  /** The payload, if it is UTF-8 text. */
  readonly payload?: string;
  /** The payload in base64, if it is not. */
  readonly payload64?: string;
  readonly qos?: QoS;
  readonly retain?: boolean;
  readonly properties?: PublishProperties & { readonly correlationData64?: string };
}

/**
 * Replays a recording, one JSON object a line: emits each message as long after the subscription as it was recorded after
 * the first. Completes with the last. Errors with a `SyntaxError` that names a line that cannot be read.
 *
 * @example
 * ```ts
 * recorded(readFileSync('day.ndjson', 'utf8')).pipe(json<number>()).subscribe(console.log);
 * ```
 */
export function recorded(ndjson: string): Observable<MqttMessage> {
  return new Observable<MqttMessage>((subscriber) => {
    const lines = ndjson.split('\n');
    const started = elapsed();
    let at = 0;
    let first: number | undefined;
    const play = (): void => {
      try {
        for (; at < lines.length && !subscriber.closed; at++) {
          const line = (lines[at] as string).trim();
          if (line === '') continue;
          const read = parse(line, at + 1);
          first ??= read.time;
          const left = read.time - first - (elapsed() - started);
          // Times have fractions, and timers may fire slightly early.
          if (left > 0.5) return void subscriber.add(afterElapsed(left, play));
          subscriber.next(toRecorded(read));
        }
        subscriber.complete();
      } catch (error) {
        subscriber.error(error);
      }
    };
    play();
  });
}

function parse(line: string, number: number): RecordedMessage {
  try {
    const read: unknown = JSON.parse(line);
    if (isRecorded(read)) return read;
  } catch (cause) {
    throw new SyntaxError(`line ${number} of the recording is not JSON: ${line.slice(0, 60)}`, { cause });
  }
  throw new SyntaxError(`line ${number} of the recording has no time or no topic: ${line.slice(0, 60)}`);
}

const isRecorded = (read: unknown): read is RecordedMessage =>
  typeof read === 'object' &&
  read !== null &&
  'time' in read &&
  typeof read.time === 'number' &&
  'topic' in read &&
  typeof read.topic === 'string';

function toRecorded({ topic, payload = '', payload64, qos, retain, properties }: RecordedMessage): MqttMessage {
  const { correlationData64, ...others } = properties ?? {};
  const all = {
    ...others,
    ...(correlationData64 !== undefined && { correlationData: bytesOf(correlationData64) }),
  };
  return message(topic, payload64 === undefined ? payload : bytesOf(payload64), {
    ...(qos !== undefined && { qos }),
    ...(retain !== undefined && { retain }),
    ...(properties !== undefined && { properties: all }),
  });
}

const bytesOf = (base64: string): Uint8Array => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
