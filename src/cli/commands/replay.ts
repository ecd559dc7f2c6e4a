import { stat } from 'node:fs/promises';
import { concat, ignoreElements, take, tap } from 'rxjs';
import { elapsed } from '../../rx/clock.js';
import { Histogram } from '../bench/histogram.js';
import { type Call, command } from '../command.js';
import { showProgress } from '../every-second.js';
import { clockText, counted, msText } from '../format/count-text.js';
import { CONNECTION } from '../options/connection-options.js';
import { qos } from '../options/message-options.js';
import { defaulting, flag, positiveOf, texts, value } from '../options/option.js';
import { topicMapOf } from '../options/topic-map.js';
import { chunksOf, type Reading, recordingOf, scheduled } from '../recording.js';
import { replaying } from '../replaying.js';
import { runClient } from '../run-client.js';
import { readFailure } from '../read-failure.js';
import { UsageError } from '../usage-error.js';

const OPTIONS = {
  speed: defaulting(
    '1',
    value('N|max', 'the factor of the recorded speed; max: as fast as the broker accepts them', speedOf, {
      short: 's',
      completion: ['1', '10', '100', 'max'],
    }),
  ),
  map: texts('FROM=>TO', 'publish to another topic: a/#=>b/#; the first rule that matches counts', topicMapOf, {
    short: 'm',
  }),
  loop: flag('repeat until you interrupt it'),
  qos: qos('this QoS instead of the recorded one'),
  ...CONNECTION,
} as const;

/** `rxmqtt replay`: publishes a recording. */
export const replay = command({
  name: 'replay',
  usage: 'FILE | -',
  about: 'publishes a recording with its timing',
  details: `Reads the output of rxmqtt record and rxmqtt sub --json. A message is published when it is due, to within 2 ms on a quiet
machine, unless 1000 of them wait for their acknowledgements. The last line says how late the messages were.`,
  options: OPTIONS,
  examples: [
    ['rxmqtt replay day.ndjson', 'with the recorded timing'],
    ['rxmqtt replay day.ndjson --speed 10 --loop', 'ten times as fast, again and again'],
    ["rxmqtt replay day.ndjson --speed max --map 'plant/#=>test/#'", 'below another topic, without waiting'],
    ['zcat day.ndjson.gz | rxmqtt replay -', 'from the standard input'],
  ],
  async run(call: Call<typeof OPTIONS>) {
    const { values, words, terminal } = call;
    const [file, ...more] = words;
    if (file === undefined || more.length > 0) throw new UsageError('give one file, or - for the standard input');
    const { speed, map: maps, loop, qos } = values;
    if (file === '-' && loop) throw new UsageError("the standard input can be read once; '--loop' needs a file");
    const size = file === '-' ? undefined : await sizeOf(file);
    const reading: Reading = { bytes: 0 };
    const chunks = (): AsyncIterable<Uint8Array> => (file === '-' ? terminal.chunks() : chunksOf(file));
    const messages = scheduled(() => recordingOf(chunks(), reading), speed, loop);
    const lateness = new Histogram();
    // At maximum speed, messages have no due time; in an empty recording, nothing is late.
    const late = (): string => (speed === Infinity || lateness.count === 0 ? '' : `, late ${lateText(lateness)}`);
    return runClient(
      call,
      (client) => {
        let started = elapsed();
        const showing = showProgress(terminal, () => {
          const share = size === undefined ? '' : ` ${Math.floor(((reading.bytes / size) * 100) % 100)} %,`;
          return `${clockText(elapsed() - started)} ${share} ${counted(lateness.count, 'message')}${late()}`;
        });
        // Connecting does not count as time of the recording.
        const connected$ = client.connected$.pipe(
          take(1),
          tap(() => {
            started = elapsed();
          }),
          ignoreElements(),
        );
        return concat(connected$, replaying(client, messages, { maps, qos, lateness })).pipe(
          tap({
            complete: () => {
              const time = ((elapsed() - started) / 1000).toFixed(1);
              terminal.status('');
              terminal.err(`${counted(lateness.count, 'message')} in ${time} s${late()}`);
            },
            finalize: () => showing.unsubscribe(),
          }),
        );
      },
      { isEndless: loop },
    );
  },
});

const lateText = (lateness: Histogram): string =>
  `p50 ${msText(lateness.quantile(0.5))}, p99 ${msText(lateness.quantile(0.99))}, max ${msText(lateness.max)}`;

function speedOf(given: string): number {
  return given === 'max' ? Infinity : positiveOf(given);
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    throw readFailure(file, error);
  }
}
