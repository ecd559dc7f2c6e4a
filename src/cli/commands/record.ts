import { take, tap } from 'rxjs';
import type { MqttMessage, ProtocolVersion } from 'rxmqtt';
import { elapsed } from '../../rx/clock.js';
import { type Call, command } from '../command.js';
import { showProgress } from '../every-second.js';
import { clockText, counted, sizeText } from '../format/count-text.js';
import { recorder } from '../format/printer.js';
import { CONNECTION } from '../options/connection-options.js';
import { filtersOf, RETAINED } from '../options/filter-options.js';
import { qos } from '../options/message-options.js';
import { duration, wholeNumber } from '../options/option.js';
import { readOut } from '../read-out.js';
import { runClient } from '../run-client.js';
import { subscribed } from '../subscribed.js';
import { forAtMost } from '../time-limit.js';

const OPTIONS = {
  qos: qos('the highest QoS of the messages [2]'),
  count: wholeNumber('N', 'end after this many messages', 1, Number.MAX_SAFE_INTEGER, { short: 'n' }),
  timeout: duration('end after this time', { short: 'W' }),
  ...RETAINED,
  ...CONNECTION,
} as const;

/** `rxmqtt record`: writes messages with their times. */
export const record = command({
  name: 'record',
  usage: 'FILTER... > FILE',
  about: 'records messages with their times, for replay and for tests',
  details: `A line is a JSON object: time (ms since the first line), topic, payload (payload64 in base64 if it is not text), and
qos, retain and properties if set. On MQTT 5, retain is the flag that the publisher set. rxmqtt replay and
recorded() of rxmqtt/testing read such files. Ends in order at Ctrl-C.`,
  options: OPTIONS,
  examples: [
    ["rxmqtt record 'plant/#' > day.ndjson", 'until you interrupt it'],
    ["rxmqtt record 'plant/#' --retained no -W 10m | gzip > ten.ndjson.gz", 'ten minutes of live messages'],
  ],
  run(call: Call<typeof OPTIONS>) {
    const { values, words, terminal } = call;
    const filters = filtersOf(words);
    const { qos = 2, count, timeout } = values;
    const write = recorder(terminal);
    // With it, retained messages look like live ones.
    const asPublished = values.retained === undefined && speaksFive(values['protocol-version']);
    return runClient(
      call,
      (client) => {
        const started = elapsed();
        let messages = 0;
        let bytes = 0;
        const showing = showProgress(
          terminal,
          () => `${clockText(elapsed() - started)}  ${counted(messages, 'message')}, ${sizeText(bytes)}`,
        );
        const note = ({ payload }: MqttMessage): void => {
          messages++;
          bytes += payload.length;
        };
        const message$ = subscribed(client, filters, values, { qos, ...(asPublished && { retainAsPublished: true }) });
        return readOut(message$.pipe(take(count ?? Infinity)), write, terminal).pipe(
          forAtMost(timeout),
          tap({ next: note, finalize: () => showing.unsubscribe() }),
        );
      },
      { isEndless: count === undefined && values.retained !== 'only' },
    );
  },
});

const speaksFive = (version: ProtocolVersion | 'auto'): boolean => version === 'auto' || version === 5;
