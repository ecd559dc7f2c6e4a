import { defer, type Observable } from 'rxjs';
import type { MqttClient, PublishReceipt } from 'rxmqtt';
import { elapsed } from '../../rx/clock.js';
import { type Call, command } from '../command.js';
import { linesOf } from '../lines.js';
import { CONNECTION } from '../options/connection-options.js';
import { payloadOf } from '../payload.js';
import { propertiesOf, property, PROPERTY_HELP, qos } from '../options/message-options.js';
import { duration, flag, wholeNumber } from '../options/option.js';
import { pulled } from '../pulled.js';
import { runClient } from '../run-client.js';
import { topicAndPayload } from '../options/topic-words.js';
import { UsageError } from '../usage-error.js';

const OPTIONS = {
  qos: qos('0 at most once, 1 at least once, 2 exactly once [0]'),
  retain: flag('the broker keeps the message for later subscribers', 'r'),
  property,
  repeat: wholeNumber('N', 'how many times to publish the payload [1]', 1, Number.MAX_SAFE_INTEGER),
  interval: duration('the time between two messages; without --repeat, publish until you interrupt it'),
  lines: flag('each line of the standard input is a message', 'l'),
  ...CONNECTION,
} as const;

/** How many messages may wait for their acknowledgements. */
const CONCURRENCY = 1000;

/** `rxmqtt pub`: publishes, and ends when the broker has every message. */
export const pub = command({
  name: 'pub',
  usage: 'TOPIC [PAYLOAD | -]',
  about: 'publishes a message, or many',
  details: `Without PAYLOAD the message is empty; '-' reads it from the standard input. A PAYLOAD that begins with '-' goes
after '--'. At QoS 1 and 2 the command waits for the acknowledgement of the broker.

${PROPERTY_HELP}`,
  options: OPTIONS,
  examples: [
    ["rxmqtt pub hall/7/set '21.5' -q 1", 'a value, and its acknowledgement'],
    ['rxmqtt pub photo - < cat.jpg', 'a file, as bytes'],
    ['tail -f app.log | rxmqtt pub log/app --lines', 'each line as it is written'],
    ['rxmqtt pub hall/7/set -r', 'an empty message, which clears the retained one'],
    ['rxmqtt pub t -D content-type=text/plain -D origin=me -- -5', 'with properties, and a negative number'],
  ],
  async run(call: Call<typeof OPTIONS>) {
    const { values, words, terminal } = call;
    const [topic, payload] = topicAndPayload(words);
    if (values.lines && words.length > 1 && payload !== '-') throw new UsageError("'--lines' takes no payload");
    if (values.lines && values.repeat !== undefined)
      throw new UsageError("'--lines' and '--repeat' exclude each other");
    const properties = propertiesOf(values.property);
    const { qos = 0, retain, interval, repeat } = values;
    const isEndless = interval !== undefined && repeat === undefined && !values.lines;
    const payloads = values.lines
      ? linesOf(terminal.chunks())
      : repeated(await payloadOf(payload, terminal), isEndless ? Infinity : (repeat ?? 1));
    const send = (client: MqttClient, one: Uint8Array): Observable<PublishReceipt> =>
      client.publish(topic, one, { qos, retain, ...(properties !== undefined && { properties }) });
    return runClient(call, (client) => publishing(payloads, interval, (one) => send(client, one)), { isEndless });
  },
});

function publishing(
  payloads: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  interval: number | undefined,
  send: (payload: Uint8Array) => Observable<PublishReceipt>,
): Observable<PublishReceipt> {
  return defer(() => {
    let first: number | undefined;
    return pulled(payloads, send, {
      concurrency: CONCURRENCY,
      ...(interval !== undefined && {
        due: (_payload: Uint8Array, index: number) => {
          first ??= elapsed();
          return first + index * interval - elapsed();
        },
      }),
    });
  });
}

function* repeated(payload: Uint8Array, times: number): Generator<Uint8Array> {
  for (let time = 0; time < times; time++) yield payload;
}
