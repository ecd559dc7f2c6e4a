import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { filter, firstValueFrom, take, toArray } from 'rxjs';
import { handler } from '../../../examples/recipes/serverless.js';
import { checkAfterSleep } from '../../../examples/recipes/sleep.js';
import { createBroker, type Broker, type DisconnectedEvent } from '../../../src/broker/index.js';
import { connect } from '../../../src/index.js';
import { bundledProgram } from '../../support/bundled-program.js';
import { FaultProxy } from '../../support/fault-proxy.js';
import { freePort } from '../../support/free-ports.js';

let broker: Broker;
let url: string;
let left: DisconnectedEvent[];

beforeEach(async () => {
  broker = createBroker({ listeners: ['tcp://127.0.0.1:0'] });
  [url = ''] = await broker.listening;
  left = [];
  broker.disconnected$.subscribe((event) => left.push(event));
});
afterEach(async () => {
  jest.restoreAllMocks();
  await broker.close();
});

it('sigterm.ts finishes the jobs it has begun, begins no other, and ends by DISCONNECT with code 0', async () => {
  const subscribed = firstValueFrom(broker.subscribed$);
  const published: string[] = [];
  broker.published$.subscribe(({ message }) => published.push(message.topic));
  const child = fork(bundledProgram(join(__dirname, 'worker-process.ts')), [url], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  let output = '';
  const says = (text: string): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (!output.includes(text)) return;
        child.stdout?.off('data', look);
        resolve();
      };
      child.stdout?.on('data', look);
      look();
    });
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await subscribed;
  for (let job = 1; job <= 6; job++) broker.publish({ topic: `jobs/${job}`, payload: '', qos: 1 });
  await says('begins jobs/4');
  child.kill('SIGTERM');
  await says('stops');
  const exited = once(child, 'close');
  child.send('done');
  expect(await exited).toEqual([0, null]);
  expect(output.trim().split('\n').sort()).toEqual([
    'begins jobs/1',
    'begins jobs/2',
    'begins jobs/3',
    'begins jobs/4',
    'over',
    'stops',
  ]);
  expect(left.map(({ how }) => how)).toEqual(['disconnect']);
  expect(published).not.toContain('worker/status');

  // What was not begun comes to the next process, and nothing else.
  const next = connect(url, { clientId: 'worker-1', clean: false, sessionExpiry: 3600 });
  const rest = await firstValueFrom(next.subscribe('jobs/+', { qos: 1 }).pipe(take(2), toArray()));
  expect(rest.map(({ topic }) => topic)).toEqual(['jobs/5', 'jobs/6']);
  await next.end();
}, 60_000);

describe('serverless.ts', () => {
  it('answers once the broker has the message, and leaves no connection behind', async () => {
    const published = firstValueFrom(broker.published$);
    expect(await handler(url, { door: 'open' })).toEqual({ statusCode: 204 });
    expect((await published).message.text()).toBe('open');
    expect(left.map(({ how }) => how)).toEqual(['disconnect']);
    expect((await firstValueFrom(broker.clients$)).size).toBe(0);
  });

  it('answers 503 when there is no broker, and does not go on trying', async () => {
    jest.spyOn(console, 'warn').mockImplementation(() => undefined);
    const told = jest.spyOn(console, 'error').mockImplementation(() => undefined);
    expect(await handler(`mqtt://127.0.0.1:${await freePort()}`, { door: 'open' })).toEqual({ statusCode: 503 });
    expect(told.mock.calls[0]![0]).toMatchObject({ code: 'CLOSED', cause: { message: /gave up after 3 attempts/ } });
  });
});

describe('sleep.ts', () => {
  const sleep = (hours: number): void => {
    const { now } = Date;
    jest.spyOn(Date, 'now').mockImplementation(() => now() + hours * 3_600_000);
  };

  it('dials at once when the line has died while the computer slept', async () => {
    const proxy = await FaultProxy.start(Number(new URL(url).port));
    const client = connect(proxy.url, { keepalive: 600, socket: { closeTimeout: 100 } });
    await firstValueFrom(client.connected$);
    const checking = checkAfterSleep(client, 20, 100).subscribe();
    // The router has forgotten the connection: nothing gets through, and nothing says so.
    proxy.strike('freeze');
    const again = firstValueFrom(broker.connected$);
    sleep(8);
    await again;
    await firstValueFrom(client.state$.pipe(filter(({ status }) => status === 'connected')));
    expect(client.stats().reconnects).toBe(1);
    checking.unsubscribe();
    await client.end();
    await proxy.close();
  });

  it('stays on a line that lives', async () => {
    const client = connect(url, { keepalive: 600 });
    await firstValueFrom(client.connected$);
    const checking = checkAfterSleep(client, 20, 2000).subscribe();
    const pong = firstValueFrom(client.packets$.pipe(filter(({ packet }) => packet.cmd === 'pingresp')));
    sleep(8);
    await pong;
    expect(client.stats().reconnects).toBe(0);
    checking.unsubscribe();
    await client.end();
  });
});
