import { eventGridDemo } from '../../examples/event-grid.js';
import { rpc } from '../../examples/rpc.js';
import { sansIo } from '../../examples/sans-io.js';
import { scram } from '../../examples/scram.js';
import { sharedWorkers } from '../../examples/shared-workers.js';
import { createBroker } from '../../src/broker/index.js';

async function linesOf(example: (print: (line: string) => void) => Promise<void>): Promise<string[]> {
  const lines: string[] = [];
  await example((line) => lines.push(line));
  return lines;
}

async function withBroker(example: (url: string, print: (line: string) => void) => Promise<void>): Promise<string[]> {
  const broker = createBroker({ listeners: ['tcp://127.0.0.1:0'] });
  try {
    const [url = ''] = await broker.listening;
    return await linesOf((print) => example(url, print));
  } finally {
    await broker.close();
  }
}

it('rpc.ts gets its sums, several replies to one request, and errors for what nobody answers', async () => {
  expect(await withBroker(rpc)).toEqual([
    'sums: 3, 6, 10',
    'count: one, two, three',
    'not answered: Error: nothing to add',
    'calc/add []: TIMEOUT',
    'calc/divide [1, 0]: PUBLISH_REFUSED',
  ]);
});

it('shared-workers.ts has each job done once, by one of several workers', async () => {
  expect(await withBroker(sharedWorkers)).toEqual(['ada: had work', 'bob: had work', 'eve: had work', 'jobs done: 30']);
});

it('scram.ts lets in who knows the password, authenticates anew, and ends who does not', async () => {
  expect(await linesOf(scram)).toEqual(['correct horse: connected', 'authenticated anew', 'wrong horse: ended']);
});

it('event-grid.ts renews its token on the connection, before the old one expires', async () => {
  const lines = await linesOf(eventGridDemo);
  expect(lines[0]).toBe('first: token-1');
  expect(lines.slice(1, -1).every((line) => line.startsWith('again: token-'))).toBe(true);
  expect(lines.length).toBeGreaterThanOrEqual(4);
  expect(lines.at(-1)).toBe('connected');
});

it('sans-io.ts runs a client on bytes alone', async () => {
  expect(await linesOf(sansIo)).toEqual([
    'client: connect',
    'client: subscribe',
    'received: hall/7 21.5, true',
    'client: unsubscribe',
    'client: disconnect',
    'e0 02 8e 00: SESSION_TAKEN_OVER',
  ]);
});
