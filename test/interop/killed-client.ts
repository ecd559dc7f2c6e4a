/** The client that `faults.interop.ts` kills: publishes numbers, and says which ones it has taken over and which are acknowledged. */
import { ClassicLevel } from 'classic-level';
import { range } from 'rxjs';
import { connect, durable, publishTo } from '../../src/index.js';
import { levelStore } from '../../src/store-level/index.js';

const [url = '', folder = '', qosText = '1', from = '0', to = '0'] = process.argv.slice(2);
const qos = Number(qosText) as 1 | 2;
const database = new ClassicLevel(folder);
/** What a process that was killed had taken over without sending it is in the store, and is not published again. */
async function firstToPublish(): Promise<number> {
  let next = Number(from);
  for await (const value of database.values<string, Uint8Array>({ valueEncoding: 'view' })) {
    const number = /killed\/\d\0{4}(\d+)$/.exec(Buffer.from(value).toString('latin1'))?.[1];
    if (number !== undefined) next = Math.max(next, Number(number) + 1);
  }
  return next;
}

const first = await firstToPublish();
const client = connect(url, {
  clientId: `killed-${qos}`,
  protocolVersion: 4,
  clean: false,
  store: durable(levelStore(database)),
  reconnect: { minDelay: 10, maxDelay: 50 },
});
client.packets$.subscribe(({ direction, packet }) => {
  // The highest number that was written: the store has it, and so has everything before it.
  if (direction === 'out' && packet.cmd === 'publish') process.stdout.write(`${packet.text()}\n`);
});
range(first, Number(to) - first)
  .pipe(
    publishTo(
      client,
      (number) => ({ topic: `killed/${qos}`, payload: String(number), qos }),
      // Mosquitto 2.0 stalls with more QoS 2 messages of one client than it has places for.
      { concurrency: 20 },
    ),
  )
  .subscribe({
    complete: () => process.stdout.write('done\n', () => void client.end().then(() => process.exit(0))),
  });
