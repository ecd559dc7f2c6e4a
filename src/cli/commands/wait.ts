import { take } from 'rxjs';
import { hasWildcard } from '../../topic/topic-filter.js';
import { type Call, command } from '../command.js';
import { printer } from '../format/printer.js';
import { conditionOf } from '../options/condition.js';
import { CONNECTION } from '../options/connection-options.js';
import { filtersOf, RETAINED } from '../options/filter-options.js';
import { qos } from '../options/message-options.js';
import { defaulting, duration, texts } from '../options/option.js';
import { FORMAT_HELP, OUTPUT } from '../options/output-options.js';
import { readOut } from '../read-out.js';
import { filterMessages } from '../retained-messages.js';
import { runClient } from '../run-client.js';
import { subscribed } from '../subscribed.js';
import { timeLimit } from '../time-limit.js';

const OPTIONS = {
  qos: qos('the highest QoS of the messages [1]'),
  where: texts('PATH=VALUE', 'a condition on the JSON payload; give several to combine them', conditionOf, {
    short: 'w',
  }),
  timeout: defaulting('30s', duration('how long to wait, including for the broker', { short: 'W' })),
  ...RETAINED,
  ...OUTPUT,
  ...CONNECTION,
} as const;

/** `rxmqtt wait`: ends when a message arrives, for scripts and health checks. */
export const wait = command({
  name: 'wait',
  usage: 'FILTER...',
  about: 'waits for a message, and prints it',
  details: `Exit code 0 if a message matched, 3 if none did in time, 4 if the broker refused. Also waits for a broker that is not
there yet. Retained messages count, unless --retained no is given.

--where compares with = != < <= > >=. A path goes through objects and lists: 'sensors.0.celsius>=20'. A path alone must
exist. '=on' compares the whole payload, JSON or not.

${FORMAT_HELP}`,
  options: OPTIONS,
  examples: [
    ["rxmqtt wait fleet/7/status --where 'state=ready' -W 60", 'in a script: until the device is ready'],
    ["rxmqtt wait 'test/#' --retained no --where 'failed=0' && ./deploy", 'only live messages'],
    ['rxmqtt wait heartbeat -W 90 > /dev/null || exit 1', 'a health check'],
  ],
  run(call: Call<typeof OPTIONS>) {
    const { values, words, terminal } = call;
    const filters = filtersOf(words);
    const { qos = 1, where, timeout } = values;
    const print = printer(values, terminal, filters.length > 1 || filters.some(hasWildcard));
    const limit = timeLimit<unknown>(timeout, 'no message matched');
    return runClient(
      call,
      (client) => {
        const match$ = subscribed(client, filters, values, { qos }).pipe(
          filterMessages((message) => where.every((holds) => holds(message))),
          take(1),
        );
        return readOut(match$, print, terminal).pipe(limit);
      },
      { retries: true },
    );
  },
});
