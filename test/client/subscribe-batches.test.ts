import { lastValueFrom, merge } from 'rxjs';
import { createBroker } from '../../src/broker/index.js';
import { connect, type ClientOptions } from '../../src/index.js';

/** How many filters each SUBSCRIBE and UNSUBSCRIBE has when 600 filters are subscribed to in one tick, and left again. */
async function batches(options: Partial<ClientOptions> = {}): Promise<Record<string, number[]>> {
  const broker = createBroker({ sysInterval: 0 });
  const client = connect({ url: 'mqtt://here', transport: broker.transport, ...options });
  const sizes: Record<string, number[]> = { subscribe: [], unsubscribe: [] };
  client.packets$.subscribe(({ packet }) => {
    if (packet.cmd === 'subscribe') sizes['subscribe']?.push(packet.subscriptions.length);
    if (packet.cmd === 'unsubscribe') sizes['unsubscribe']?.push(packet.filters.length);
  });
  const filters = Array.from({ length: 600 }, (_, index) => `hall/${index}`);
  const observed = merge(...filters.map((filter) => client.subscribe(filter))).subscribe();
  await lastValueFrom(client.granted(filters));
  observed.unsubscribe();
  await client.end();
  await broker.close();
  return sizes;
}

test('a SUBSCRIBE or UNSUBSCRIBE has at most 250 filters, unless subscribeBatchSize says otherwise', async () => {
  const sizes = [250, 250, 100];
  expect(await batches()).toEqual({ subscribe: sizes, unsubscribe: sizes });
  expect(await batches({ subscribeBatchSize: 1000 })).toEqual({ subscribe: [600], unsubscribe: [600] });
});
