import { defer, EMPTY, from, map, mergeMap, type Observable, tap, toArray } from 'rxjs';
import { publishTo } from 'rxmqtt';
import { type Call, command } from '../command.js';
import { grouped } from '../format/count-text.js';
import { visible } from '../format/visible.js';
import { CONNECTION } from '../options/connection-options.js';
import { filtersOf } from '../options/filter-options.js';
import { flag } from '../options/option.js';
import { retainedMessages } from '../retained-messages.js';
import { runClient } from '../run-client.js';
import type { Terminal } from '../terminal.js';
import { UsageError } from '../usage-error.js';

const OPTIONS = {
  retained: flag('clear retained messages (required; there is nothing else to clean yet)'),
  yes: flag('do not ask', 'y'),
  'dry-run': flag('show what would be cleared, and clear nothing'),
  ...CONNECTION,
} as const;

/** How many topics the question shows. */
const SHOWN = 20;

/** `rxmqtt clean`: clears retained messages. */
export const clean = command({
  name: 'clean',
  usage: 'FILTER... --retained',
  about: 'clears retained messages',
  details: 'Shows the topics it found and asks for confirmation, unless --yes is given.',
  options: OPTIONS,
  examples: [
    ["rxmqtt clean 'homeassistant/#' --retained", 'asks first'],
    ["rxmqtt clean 'test/#' --retained --yes", 'in a script'],
    ["rxmqtt clean '#' --retained --dry-run", 'only shows them'],
  ],
  run(call: Call<typeof OPTIONS>) {
    const { values, words, terminal } = call;
    const filters = filtersOf(words);
    const { retained, yes } = values;
    if (!retained) throw new UsageError("say what to clean: '--retained'");
    if (!yes && !values['dry-run'] && terminal.ask === undefined) {
      throw new UsageError("there is no terminal to ask at; give '--yes'");
    }
    return runClient(call, (client) =>
      retainedMessages(client, filters, { qos: 1 }).pipe(
        map(({ topic }) => topic),
        toArray(),
        mergeMap((found) => {
          const topics = [...new Set(found)].sort();
          if (topics.length === 0) terminal.err('there are no retained messages');
          if (values['dry-run'] || topics.length === 0) {
            for (const topic of topics) terminal.out(visible(topic));
            return EMPTY;
          }
          const cleared$ = from(topics).pipe(
            publishTo(client, (topic) => ({ topic, payload: '', qos: 1, retain: true }), { concurrency: 100 }),
            tap({ complete: () => terminal.err(`${grouped(topics.length)} cleared`) }),
          );
          return yes ? cleared$ : asked(topics, terminal).pipe(mergeMap((isSure) => (isSure ? cleared$ : EMPTY)));
        }),
      ),
    );
  },
});

function asked(topics: readonly string[], terminal: Terminal): Observable<boolean> {
  return defer(async () => {
    for (const topic of topics.slice(0, SHOWN)) terminal.err(`  ${visible(topic)}`);
    if (topics.length > SHOWN) terminal.err(`  and ${grouped(topics.length - SHOWN)} more`);
    const what = topics.length === 1 ? 'this retained message' : `these ${grouped(topics.length)} retained messages`;
    const answer = (await terminal.ask?.(`Clear ${what}? [y/N] `)) ?? '';
    if (/^y(es)?$/i.test(answer.trim())) return true;
    terminal.err('nothing was cleared');
    return false;
  });
}
