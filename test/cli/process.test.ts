import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { filter, firstValueFrom, Subject } from 'rxjs';
import { createBroker, type Broker } from '../../src/broker/index.js';
import { bundledProgram } from '../support/bundled-program.js';

const root = join(__dirname, '../..');
const main = bundledProgram('src/cli/main.ts');

let broker: Broker;
let environment: NodeJS.ProcessEnv;
beforeAll(async () => {
  broker = createBroker({ listeners: ['tcp://127.0.0.1:0'] });
  const [url] = await broker.listening;
  environment = { ...process.env, RXMQTT_URL: url };
});
afterAll(() => broker.close());

const start = (...args: string[]): ChildProcess =>
  spawn(process.execPath, [main, ...args], { cwd: root, env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
const ended = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => child.once('close', (code) => resolve(code)));
const text = (stream: NodeJS.ReadableStream | null): (() => string) => {
  let all = '';
  stream?.on('data', (chunk: Buffer) => (all += chunk.toString()));
  return () => all;
};
const subscribed = (wanted: string) =>
  firstValueFrom(broker.subscribed$.pipe(filter((event) => event.filter === wanted)));

describe('rxmqtt as a process', () => {
  it('at Ctrl-C says goodbye to the broker and ends with 0', async () => {
    const granted = subscribed('ctrl/c');
    const child = start('sub', 'ctrl/c');
    const code = ended(child);
    await granted;
    const gone = firstValueFrom(broker.disconnected$);
    child.kill('SIGINT');
    expect((await gone).reasonCode).toBe(0);
    expect(await code).toBe(0);
  }, 30_000);

  it('ends quietly when the reader of its output goes', async () => {
    const granted = subscribed('pipe/#');
    const child = start('sub', 'pipe/#');
    const [code, errors] = [ended(child), text(child.stderr)];
    await granted;
    const gone = firstValueFrom(broker.disconnected$);
    child.stdout?.destroy();
    for (let left = 2; left > 0; left--) {
      broker.publish({ topic: 'pipe/a', payload: 'x' });
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await gone).reasonCode).toBe(0);
    expect(await code).toBe(0);
    expect(errors()).toBe('');
  }, 30_000);

  it('reads the standard input, and does not wait for its end when it is interrupted', async () => {
    const child = spawn(process.execPath, [main, 'pub', 'in/put', '--lines', '-q', '1'], {
      cwd: root,
      env: environment,
    });
    const code = ended(child);
    const first = firstValueFrom(broker.published$);
    child.stdin.write('one\n');
    const { message } = await first;
    expect([message.topic, Buffer.from(message.payload).toString()]).toEqual(['in/put', 'one']);
    child.kill('SIGINT');
    expect(await code).toBe(1);
  }, 30_000);

  it('a second Ctrl-C waits neither for acknowledgements nor for the goodbye', async () => {
    const received: number[] = [];
    const sockets: Socket[] = [];
    const published = new Subject<void>();
    // It takes the message and does not answer it.
    const silent = createServer((socket) => {
      sockets.push(socket);
      socket.on('error', () => undefined);
      socket.on('data', (chunk: Buffer) => {
        received.push(chunk[0] ?? 0);
        if (chunk[0] === 0x10) socket.write(Uint8Array.of(0x20, 3, 0, 0, 0));
        if (chunk[0] === 0x32) published.next();
      });
    });
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const arrived = firstValueFrom(published);
    const child = start('pub', 'a', 'x', '-q', '1', '-L', `127.0.0.1:${(silent.address() as AddressInfo).port}`);
    const code = ended(child);
    await arrived;
    child.kill('SIGINT');
    // Two signals of one kind may arrive as one.
    child.kill('SIGTERM');
    expect(await code).toBe(1);
    expect(received).not.toContain(0xe0);
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => silent.close(resolve));
  }, 30_000);

  it('carries the exit code to the shell', async () => {
    const code = await new Promise((resolve) => {
      execFile(process.execPath, [main, 'wait', 'never', '-W', '50ms'], { cwd: root, env: environment }, (error) =>
        resolve(error?.code),
      );
    });
    expect(code).toBe(3);
  }, 30_000);
});
