import { eventGridDemo } from '../../examples/event-grid.js';
import { firstOutcomes } from '../../examples/first-outcome.js';
import { hiveMqCloud } from '../../examples/hivemq-cloud.js';
import { rpc } from '../../examples/rpc.js';
import { sansIo } from '../../examples/sans-io.js';
import { scram } from '../../examples/scram.js';
import { sharedWorkers } from '../../examples/shared-workers.js';
import { createBroker } from '../../src/broker/index.js';
import { makeCertificates } from '../support/certificates.js';

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

it('rpc.ts gets its sums, several replies to one request, and errors for unanswered requests', async () => {
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

it('[awscrt] connect(), [amqtt] connect(): first-outcome.ts tells what became of the first attempt, and goes on', async () => {
  expect(await linesOf(firstOutcomes)).toEqual([
    'first attempt: CONNECTION_LOST',
    'and now: reconnecting',
    'then: connected',
    'another client, first attempt: connected',
  ]);
});

describe('hivemq-cloud.ts', () => {
  const { ca, server } = makeCertificates();
  const user = { username: 'hall', password: 'correct horse' };

  it.each(['mqtts', 'wss'])('sends itself a message over %s', async (scheme) => {
    const broker = createBroker({
      listeners: ['mqtts://127.0.0.1:0', 'wss://127.0.0.1:0/mqtt'],
      tls: { cert: server.cert, key: server.key },
      authenticate: ({ username, password }) =>
        username === user.username && Buffer.from(password ?? []).toString() === user.password,
    });
    const urls = await broker.listening;
    const url = urls.find((one) => one.startsWith(scheme)) ?? '';
    const trusted = { tls: { ca: ca.cert } };
    expect(await linesOf((print) => hiveMqCloud({ url, ...user }, print, trusted))).toEqual(['hall/7/greeting: hello']);
    const wrong = hiveMqCloud({ url, ...user, password: 'wrong' }, undefined, trusted);
    await expect(wrong).rejects.toThrow(/BAD_USER_?NAME_OR_PASSWORD/);
    const untrusted = hiveMqCloud({ url, ...user }, undefined, { reconnect: false });
    await expect(untrusted).rejects.toThrow(/not trusted/);
    await broker.close();
  });
});
