import { ignoreElements, takeUntil, tap } from 'rxjs';
import { request as requested } from 'rxmqtt';
import { type Call, command } from '../command.js';
import { printer } from '../format/printer.js';
import { CONNECTION } from '../options/connection-options.js';
import { propertiesOf, property, PROPERTY_HELP, qos } from '../options/message-options.js';
import { defaulting, duration, wholeNumber } from '../options/option.js';
import { FORMAT_HELP, OUTPUT } from '../options/output-options.js';
import { payloadOf } from '../payload.js';
import { runClient } from '../run-client.js';
import { topicAndPayload } from '../options/topic-words.js';
import { UsageError } from '../usage-error.js';

const OPTIONS = {
  qos: qos('the QoS of the request [1]'),
  timeout: defaulting('30s', duration('how long to wait for the answers', { short: 'W' })),
  replies: defaulting(
    '1',
    wholeNumber('N', 'how many answers to wait for', 1, Number.MAX_SAFE_INTEGER, { short: 'n' }),
  ),
  property,
  ...OUTPUT,
  ...CONNECTION,
} as const;

/** `rxmqtt request`: asks, and prints the answers. */
export const request = command({
  name: 'request',
  usage: 'TOPIC [PAYLOAD | -]',
  about: 'publishes a request and prints the answer (MQTT 5)',
  details: `Exit code 3 if no answer arrives in time, 4 if the broker knows no subscriber. The command sets the response topic
and the correlation data.

${PROPERTY_HELP}

${FORMAT_HELP}`,
  options: OPTIONS,
  examples: [
    ["rxmqtt request calc/add '[1, 2]' -W 5", 'one answer within 5 s'],
    ['rxmqtt request who/is/there --replies 3 --json', 'several answers'],
  ],
  async run(call: Call<typeof OPTIONS>) {
    const { values, words, terminal } = call;
    const [topic, word] = topicAndPayload(words);
    const { qos = 1, timeout, replies } = values;
    const properties = propertiesOf(values.property);
    if (properties?.responseTopic !== undefined || properties?.correlationData !== undefined) {
      throw new UsageError('the command itself sets response-topic and correlation-data; leave them out');
    }
    const print = printer(values, terminal, false);
    const payload = await payloadOf(word, terminal);
    const options = { qos, timeout, replies, ...(properties !== undefined && { properties }) };
    return runClient(call, (client) => {
      // A request says only that the client has ended; this says why.
      const failed$ = client.connected$.pipe(ignoreElements());
      return requested(client, topic, payload, options).pipe(tap(print), takeUntil(failed$));
    });
  },
});
