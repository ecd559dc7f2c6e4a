import { tap } from 'rxjs';
import { connections, endToEnd, publishes, subscriptions, type Load } from '../bench/loads.js';
import { Meter } from '../bench/meter.js';
import { SMALLEST_PAYLOAD } from '../bench/numbered-payload.js';
import { type BenchPlan, MODES, type Mode } from '../bench/plan.js';
import { benchLines, benchReport, meetsGuarantees } from '../bench/report.js';
import { type Call, command } from '../command.js';
import { showProgress } from '../every-second.js';
import { ExitCode } from '../exit-code.js';
import { grouped, msText } from '../format/count-text.js';
import { CONNECTION } from '../options/connection-options.js';
import { qos } from '../options/message-options.js';
import { defaulting, duration, flag, positive, text, type ValuesOf, wholeNumber } from '../options/option.js';
import { type OpenClient, runClients } from '../run-client.js';
import { checkTopic } from '../options/topic-words.js';
import { UsageError } from '../usage-error.js';

const OPTIONS = {
  clients: wholeNumber('N', 'how many clients; e2e: publishers, each with a subscriber [1; conn: 100]', 1, 65_535, {
    short: 'c',
  }),
  rate: positive('N', 'messages or connections per second, of all clients together; no limit if left out'),
  size: defaulting('64', wholeNumber('BYTES', 'the size of a payload', SMALLEST_PAYLOAD, 256 * 1024 * 1024)),
  qos: qos('the QoS of publishing and subscribing [0]'),
  duration: duration('how long to measure; conn: how long to stay connected [10s; conn: 0]', { short: 'd' }),
  warmup: defaulting('1s', duration('how long to run before measuring')),
  topic: defaulting('rxmqtt-bench', text('TOPIC', 'what the topics begin with')),
  inflight: defaulting('100', wholeNumber('N', 'how many messages of a client may be unacknowledged', 1, 65_535)),
  json: flag('print the result as JSON', 'j'),
  ...CONNECTION,
} as const;

const LOADS: Readonly<Record<Mode, (plan: BenchPlan, open: OpenClient, meter: Meter) => Load>> = {
  conn: connections,
  pub: publishes,
  sub: subscriptions,
  e2e: endToEnd,
};

/** `rxmqtt bench`: measures a broker. */
export const bench = command({
  name: 'bench',
  usage: MODES.join(' | '),
  about: 'measures a broker: connections, publishing, receiving, end to end',
  details: `conn   the time from dialling to CONNACK
pub    the time from publishing to the acknowledgement; at QoS 0, until it is written
sub    the time from publishing to receiving, of messages from bench pub on the same computer
e2e    the same, with its own publishers and subscribers
Numbers in the payloads show lost, duplicate and disordered messages; e2e ends with exit code 1 if the broker has
broken the guarantee of the QoS. With a rate, latency counts from the moment at which a message was due, so a broker that
cannot keep up does not look fast. CPU is the processor time of this process.`,
  options: OPTIONS,
  firstWords: MODES,
  examples: [
    ['rxmqtt bench e2e -c 10 --rate 10000 -q 1', 'latencies at 10 000 messages a second'],
    ['rxmqtt bench pub -c 4 --size 1024 -d 30s', 'as many as the broker accepts'],
    ['rxmqtt bench conn -c 1000 --rate 200', 'connections'],
    ['rxmqtt bench e2e --json | jq .latency', 'for a script'],
  ],
  async run(call: Call<typeof OPTIONS>) {
    const { values, words, terminal } = call;
    const plan = planOf(words, values);
    const meter = new Meter();
    let isKept = true;
    const code = await runClients(
      call,
      (open) => {
        const load = LOADS[plan.mode](plan, open, meter);
        const showing = showProgress(terminal, (ms) => {
          const { messages, p99 } = meter.recent();
          const phase = meter.isMeasuring ? 'measuring' : meter.measured === undefined ? 'warming up' : 'ending';
          return `${phase}: ${grouped((messages * 1000) / ms)} a second, p99 ${msText(p99)}`;
        });
        let hasFailed = false;
        return load.run$.pipe(
          tap({
            error: () => {
              hasFailed = true;
            },
            finalize: () => {
              showing.unsubscribe();
              // A measurement that was interrupted, or ended by a lost connection, counts, too.
              const { measured } = meter;
              if (measured === undefined || (hasFailed && meter.latency.count === 0)) return;
              const report = benchReport(plan, measured, load.checks());
              isKept = meetsGuarantees(report);
              for (const line of values.json ? [JSON.stringify(report)] : benchLines(report)) terminal.out(line);
            },
          }),
        );
      },
      { isEndless: true },
    );
    return isKept ? code : ExitCode.ERROR;
  },
});

function planOf(words: readonly string[], values: ValuesOf<typeof OPTIONS>): BenchPlan {
  const [word = '', more] = words;
  const mode = MODES.find((one) => one === word);
  if (mode === undefined || more !== undefined) throw new UsageError(`give one of ${MODES.join(', ')}`);
  const { rate, size, qos = 0, warmup, topic, inflight: window } = values;
  checkTopic(topic);
  const { clients = mode === 'conn' ? 100 : 1, duration = mode === 'conn' ? 0 : 10_000 } = values;
  return { mode, clients, rate, size, qos, duration, warmup: mode === 'conn' ? 0 : warmup, topic, window };
}
