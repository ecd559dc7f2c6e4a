import { endWith, finalize, identity, ignoreElements, merge, type Observable, take, tap } from 'rxjs';
import type { MqttMessage } from 'rxmqtt';
import { elapsed } from '../../rx/clock.js';
import { hasWildcard } from '../../topic/topic-filter.js';
import { type Call, command } from '../command.js';
import { everySecond } from '../every-second.js';
import { counted, grouped, sizeText } from '../format/count-text.js';
import { printer } from '../format/printer.js';
import { CONNECTION } from '../options/connection-options.js';
import { filtersOf, RETAINED } from '../options/filter-options.js';
import { qos } from '../options/message-options.js';
import { duration, flag, wholeNumber } from '../options/option.js';
import { FORMAT_HELP, OUTPUT } from '../options/output-options.js';
import { readOut } from '../read-out.js';
import { runClient } from '../run-client.js';
import { subscribed } from '../subscribed.js';
import type { Terminal } from '../terminal.js';
import { atLeast, forAtMost, timeLimit } from '../time-limit.js';
import { UsageError } from '../usage-error.js';

const OPTIONS = {
  qos: qos('the highest QoS of the messages [0]'),
  count: wholeNumber('N', 'end after this many messages', 1, Number.MAX_SAFE_INTEGER, { short: 'n' }),
  timeout: duration('end after this time; with -n, exit code 3 if there were fewer', { short: 'W' }),
  ...OUTPUT,
  ...RETAINED,
  rate: flag('show messages and bytes per second instead of the messages'),
  'no-local': flag("leave out this client's own messages (MQTT 5)"),
  topics: flag('show the topic even for a single one without wildcards', 't'),
  ...CONNECTION,
} as const;

/** `rxmqtt sub`: prints messages. */
export const sub = command({
  name: 'sub',
  usage: 'FILTER...',
  about: 'prints the messages of topic filters',
  details: `Prints topic and payload on a line; for a single topic without wildcards, only the payload. On a terminal, JSON is in
colour. A payload that is not text is shown in hexadecimal. Ends in order at Ctrl-C, and when a pipe is closed.

${FORMAT_HELP}`,
  options: OPTIONS,
  examples: [
    ["rxmqtt sub 'hall/#'", 'everything below hall'],
    ['rxmqtt sub hall/7/temperature -n 1 -W 5', 'the next value; exit code 3 if there is none in 5 s'],
    ["rxmqtt sub 'hall/#' --json | jq .topic", 'one JSON object per line, for other programs'],
    ["rxmqtt sub '#' --retained only", 'the retained messages'],
    ["rxmqtt sub '#' --format '%I %t %p'", 'with the time of arrival'],
    ['rxmqtt sub photo --raw -n 1 > cat.jpg', 'the bytes as they are'],
  ],
  run(call: Call<typeof OPTIONS>) {
    const { values, words, terminal } = call;
    const filters = filtersOf(words);
    const { qos = 0, count, timeout, rate } = values;
    if (rate && (values.json || values.raw || values.format !== undefined)) {
      throw new UsageError("'--rate' shows no messages; leave '--json', '--raw' and '--format' out");
    }
    const showsTopic = values.topics || filters.length > 1 || filters.some(hasWildcard);
    const print = printer(values, terminal, showsTopic);
    const noLocal = values['no-local'] && { noLocal: true };
    const limit =
      count === undefined ? forAtMost<MqttMessage>(timeout) : timeLimit<MqttMessage>(timeout, tooFew(count));
    return runClient(
      call,
      (client) => {
        const message$ = subscribed(client, filters, values, { qos, ...noLocal }).pipe(
          take(count ?? Infinity),
          // Only retained messages come to an end.
          count === undefined ? identity : atLeast(count, `${tooFew(count)} retained`),
        );
        if (rate) return rates(readOut(message$, () => undefined, terminal).pipe(limit), terminal);
        return readOut(message$, print, terminal).pipe(limit);
      },
      { isEndless: count === undefined && values.retained !== 'only' },
    );
  },
});

const tooFew = (count: number): string => (count === 1 ? 'no message' : `fewer than ${count} messages`);

/** Prints a line per second, and the sum at the end, however it ends. */
function rates(message$: Observable<MqttMessage>, terminal: Terminal): Observable<unknown> {
  let messages = 0;
  let bytes = 0;
  let total = 0;
  let totalBytes = 0;
  const started = elapsed();
  const line$ = everySecond().pipe(
    tap((ms) => {
      const perSecond = 1000 / ms;
      const rate = `${grouped(messages * perSecond)} msg/s`.padStart(16);
      terminal.out(`${rate}  ${`${sizeText(bytes * perSecond)}/s`.padStart(12)}  ${counted(total, 'message')}`);
      messages = 0;
      bytes = 0;
    }),
  );
  const counted$ = message$.pipe(
    tap(({ payload }) => {
      messages++;
      total++;
      bytes += payload.length;
      totalBytes += payload.length;
    }),
    ignoreElements(),
    endWith(undefined),
  );
  const sum = (): void => {
    if (total === 0) return;
    const seconds = (elapsed() - started) / 1000;
    terminal.out(`${counted(total, 'message')}, ${sizeText(totalBytes)} in ${seconds.toFixed(1)} s`);
  };
  return merge(counted$, line$.pipe(ignoreElements())).pipe(take(1), finalize(sum));
}
