import { tap } from 'rxjs';
import { type MqttMessage, respond as responding } from 'rxmqtt';
import { printable } from '../../quoted.js';
import { type Call, command } from '../command.js';
import { messageOf } from '../format/message-of.js';
import { CONNECTION } from '../options/connection-options.js';
import { filtersOf } from '../options/filter-options.js';
import { propertiesOf, property, PROPERTY_HELP, qos } from '../options/message-options.js';
import { defaulting, duration, wholeNumber } from '../options/option.js';
import { runClient } from '../run-client.js';
import { runProgram } from '../run-program.js';
import { timeLimit } from '../time-limit.js';
import { UsageError } from '../usage-error.js';

const OPTIONS = {
  qos: qos('the QoS of requests and answers [1]'),
  concurrency: defaulting('1', wholeNumber('N', 'how many requests to answer at a time', 1, 1000, { short: 'c' })),
  timeout: defaulting('30s', duration('how long CMD may take for one request', { short: 'W' })),
  property,
  ...CONNECTION,
} as const;

/** `rxmqtt respond`: answers requests with a program. */
export const respond = command({
  name: 'respond',
  usage: 'FILTER -- CMD [ARG...]',
  about: 'answers requests with the output of a program (MQTT 5)',
  details: `CMD runs once per request, without a shell: the payload is its standard input, its standard output the answer.
MQTT_TOPIC holds the topic, MQTT_CONTENT_TYPE the content type. If it ends with a code other than 0, the
request gets no answer. FILTER may be shared: '$share/group/filter'.

${PROPERTY_HELP}`,
  options: OPTIONS,
  startsCommand: true,
  examples: [
    ['rxmqtt respond text/upper -- tr a-z A-Z', 'letters in capitals'],
    ["rxmqtt respond '$share/calc/calc/+' --concurrency 4 -- node calc.js", 'one of several that share the work'],
    ["rxmqtt respond time -- sh -c 'date -u'", 'through a shell'],
  ],
  run(call: Call<typeof OPTIONS>) {
    const { values, words, afterDashes, terminal } = call;
    const [filter = '', more] = filtersOf(words);
    if (more !== undefined) throw new UsageError(`unexpected argument '${more}'; the program follows after '--'`);
    if (afterDashes.length === 0) throw new UsageError('a program is missing: FILTER -- CMD [ARG...]');
    const { qos = 1, concurrency, timeout } = values;
    const properties = propertiesOf(values.property);
    const answer = (request: MqttMessage) =>
      runProgram(afterDashes, request.payload, environmentOf(request, terminal.environment)).pipe(
        timeLimit(timeout, `${afterDashes[0] ?? ''} did not end`),
      );
    const onError = (error: unknown, { topic }: MqttMessage): void =>
      terminal.err(`no answer to a request to ${printable(topic)}: ${messageOf(error)}`);
    const options = { qos, concurrency, onError, ...(properties !== undefined && { properties }) };
    return runClient(
      call,
      (client) =>
        responding(client, filter, answer, options).pipe(
          tap(({ topic, properties: given }) => {
            if (given?.responseTopic === undefined) {
              terminal.err(`a message to ${printable(topic)} has no response topic, so it is not a request`);
            }
          }),
        ),
      { isEndless: true },
    );
  },
});

type Environment = Readonly<Record<string, string | undefined>>;

/** Hides our password from the program. */
function environmentOf(
  { topic, properties }: MqttMessage,
  { RXMQTT_PASSWORD: _, ...others }: Environment,
): Environment {
  return { ...others, MQTT_TOPIC: topic, MQTT_CONTENT_TYPE: properties?.contentType ?? '' };
}
