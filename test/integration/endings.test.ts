import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { firstValueFrom, Subject, take, toArray } from 'rxjs';
import type { Broker } from '../../src/broker/index.js';
import { connect, type MqttClient } from '../../src/index.js';
import { brokers } from '../broker/support.js';
import { bundledProgram } from '../support/bundled-program.js';

const root = join(__dirname, '../..');
const program = bundledProgram(join(__dirname, 'ending-process.ts'));
const start = brokers();

interface Ending {
  readonly child: ChildProcess;
  /** The last message has left. */
  readonly published: Promise<unknown>;
  /** The exit code, or the signal. */
  readonly code: Promise<unknown>;
}

function client(url: string, how: 'end' | 'signal' | 'exit'): Ending {
  const child = spawn(process.execPath, [program, url, how], {
    cwd: root,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  return {
    child,
    published: new Promise((resolve) => child.stdout.once('data', resolve)),
    code: new Promise((resolve) => child.once('close', (code, signal) => resolve(code ?? signal))),
  };
}

const topicsOf = (broker: Broker): string[] => {
  const topics: string[] = [];
  broker.published$.subscribe(({ message }) => topics.push(message.topic));
  return topics;
};

const ALL = ['n/1', 'n/2', 'n/3', 'n/4', 'n/5'];

describe('a process with a client', () => {
  it('ends by itself after end(), which waits for every acknowledgement; no will is published', async () => {
    const { broker, urls } = await start({ sysInterval: 0 });
    const topics = topicsOf(broker);
    expect(await client(urls[0] ?? '', 'end').code).toBe(0);
    expect(topics).toEqual(ALL);
  }, 30_000);

  it('ends in order where SIGTERM calls end() while acknowledgements are open', async () => {
    const answers = new Subject<boolean>();
    const { broker, urls } = await start({
      sysInterval: 0,
      authorizePublish: ({ topic }) => (topic === 'gone' ? true : answers.pipe(take(1))),
    });
    const topics = topicsOf(broker);
    const left = firstValueFrom(broker.disconnected$);
    const { child, published, code } = client(urls[0] ?? '', 'signal');
    await published;
    child.kill('SIGTERM');
    const allowing = setInterval(() => answers.next(true), 5);
    expect(await code).toBe(0);
    clearInterval(allowing);
    expect((await left).reasonCode).toBe(0);
    expect(topics).toEqual(ALL);
  }, 30_000);

  it('is let go by process.exit() with publishes open; the broker publishes the will', async () => {
    const unanswered = new Subject<boolean>();
    const { broker, urls } = await start({
      sysInterval: 0,
      authorizePublish: ({ topic }) => (topic === 'gone' ? true : unanswered),
    });
    const topics = topicsOf(broker);
    const will = firstValueFrom(broker.published$);
    const { child, published, code } = client(urls[0] ?? '', 'exit');
    await published;
    child.stdin?.write('now\n');
    expect(await code).toBe(3);
    await will;
    expect(topics).toEqual(['gone']);
  }, 30_000);
});

describe('a module that is replaced while it runs', () => {
  /** What a module does when it is evaluated, and when it is disposed of. */
  function evaluate(url: string): { readonly client: MqttClient; readonly log: string[]; dispose(): Promise<void> } {
    const log: string[] = [];
    const client = connect(url, { clientId: 'page', reconnect: { minDelay: 10, maxDelay: 10 } });
    client.subscribe('a').subscribe({
      next: (message) => log.push(message.text()),
      error: (error: Error) => log.push(error.name),
      complete: () => log.push('complete'),
    });
    return { client, log, dispose: () => client.end({ force: true }) };
  }

  const isConnected = ({ client }: { client: MqttClient }): Promise<unknown> => firstValueFrom(client.granted('a'));

  it('ends its client as it goes; the next one has the same identifier, and stays', async () => {
    const { broker, urls } = await start();
    const connects = firstValueFrom(broker.connected$.pipe(take(3), toArray()));
    const modules = [];
    for (let round = 0; round < 3; round++) {
      const module = evaluate(urls[0] ?? '');
      await isConnected(module);
      broker.publish({ topic: 'a', payload: String(round) });
      await firstValueFrom(module.client.messages$);
      modules.push(module);
      if (round < 2) await module.dispose();
    }
    expect((await connects).map(({ clientId }) => clientId)).toEqual(['page', 'page', 'page']);
    expect(modules.map(({ log }) => log)).toEqual([['0', 'complete'], ['1', 'complete'], ['2']]);
    expect(modules[2]?.client.state.status).toBe('connected');
    await modules[2]?.dispose();
  });

  it('and forgets its client: the old one is told that its session was taken over, and does not fight', async () => {
    const { urls } = await start();
    const old = evaluate(urls[0] ?? '');
    await isConnected(old);
    const next = evaluate(urls[0] ?? '');
    await isConnected(next);
    const states = await firstValueFrom(old.client.state$.pipe(toArray()));
    expect(states.at(-1)).toMatchObject({ status: 'ended', reason: { reasonCode: 0x8e } });
    expect(old.log).toEqual(['ClosedError']);
    expect(next.client.state.status).toBe('connected');
    await next.dispose();
  });
});
