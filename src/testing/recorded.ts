import { Observable } from 'rxjs';
import type { MqttMessage } from '../client/mqtt-message.js';
import { readRecorded, toRecordedMessage } from '../packet/recorded-message.js';
import { afterElapsed, elapsed } from '../rx/clock.js';

/**
 * Replays a recording, with one JSON object per line, as `rxmqtt record` and `rxmqtt sub --json` write it. Emits the
 * messages with the intervals of the recording, beginning at the subscription, and completes after the last. Errors
 * with a `SyntaxError` for a line that cannot be read; it names the line.
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
          const read = readRecorded(line, at + 1);
          first ??= read.time;
          const left = read.time - first - (elapsed() - started);
          // Times have fractions, and timers may fire slightly early.
          if (left > 0.5) return void subscriber.add(afterElapsed(left, play));
          subscriber.next(toRecordedMessage(read));
        }
        subscriber.complete();
      } catch (error) {
        subscriber.error(error);
      }
    };
    play();
  });
}
