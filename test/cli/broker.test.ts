import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect as dial, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { filter, firstValueFrom, lastValueFrom } from 'rxjs';
import { WebSocket } from 'ws';
import { connect } from '../../src/index.js';
import { bundledProgram } from '../support/bundled-program.js';
import { makeCertificates } from '../support/certificates.js';
import { RawClient, textOf } from '../support/raw-client.js';
import { command, type Running, type Surroundings } from './support.js';

const root = join(__dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'rxmqtt-cli-'));
const running: Running[] = [];

afterEach(async () => {
  for (const one of running) one.interrupt();
  await Promise.all(running.splice(0).map(({ code }) => code));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function broker(...args: string[]): Running {
  return brokerAt({}, ...args);
}

function brokerAt(surroundings: Surroundings, ...args: string[]): Running {
  const one = command(['broker', '--port', '0', ...args], '', surroundings);
  running.push(one);
  return one;
}

function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

const address = async (one: Running, scheme: string): Promise<string> =>
  (await one.line(new RegExp(`^listening at ${scheme}:`))).replace('listening at ', '');

describe('rxmqtt', () => {
  it.each([
    [['--help'], /^Usage: rxmqtt <command>/],
    [['-h'], /^Usage: rxmqtt <command>/],
    [['broker', '--help'], /^Usage: rxmqtt broker .*--port.*--ws.*--cert.*--users.*--store.*SIGINT/s],
    [['passwd', '--help'], /^Usage: rxmqtt passwd NAME/],
    [['--version'], /^1\.2\.3$/],
  ])('%p prints what was asked for and ends with 0', async (args, text) => {
    const { out, err, code } = command(args);
    expect(await code).toBe(0);
    expect(out).toEqual([expect.stringMatching(text)]);
    expect(err).toEqual([]);
  });

  it.each([
    [[], 'rxmqtt: a command is missing; see rxmqtt --help'],
    [['serve'], "rxmqtt: there is no command 'serve'; see rxmqtt --help"],
    [['--nope'], "rxmqtt: unknown option '--nope'; see rxmqtt --help"],
    [['broker', '--nope'], "rxmqtt broker: unknown option '--nope'; see rxmqtt broker --help"],
    [
      ['broker', '--prot', '1'],
      "rxmqtt broker: unknown option '--prot', did you mean '--port'; see rxmqtt broker --help",
    ],
    [['broker', 'now'], "rxmqtt broker: unexpected argument 'now'; see rxmqtt broker --help"],
    [['broker', '--port', '65536'], /^rxmqtt broker: option '--port' is not a port from 0 to 65535: '65536'/],
    [['broker', '--ws', '8e1'], /^rxmqtt broker: option '--ws' is not a port/],
    [['broker', '--cert', 'a.pem'], /^rxmqtt broker: '--cert' and '--key' go together/],
    [['passwd'], /^rxmqtt passwd: give one user name/],
    [['passwd', 'a:b'], /^rxmqtt passwd: a user name must not be empty, contain a colon/],
    [['passwd', 'hall'], /^rxmqtt passwd: the password on the standard input is empty/],
  ])('%p is refused with 2, and one line says why', async (args, line) => {
    const { out, err, code } = command(args);
    expect(await code).toBe(2);
    expect(out).toEqual([]);
    expect(err).toEqual([typeof line === 'string' ? line : expect.stringMatching(line)]);
  });
});

describe('rxmqtt broker', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)(
    'as a process: says where it listens, serves, ends with 0 at %s',
    async (signal) => {
      const child = spawn(process.execPath, [bundledProgram('src/cli/main.ts'), 'broker', '--port', '0'], {
        cwd: root,
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const code = new Promise((resolve) => child.once('close', resolve));
      const url = await new Promise<string>((resolve) => {
        let text = '';
        child.stdout.on('data', (chunk: Buffer) => {
          text += chunk.toString();
          const found = /^listening at (tcp:\/\/127\.0\.0\.1:[1-9]\d*)\n/.exec(text);
          if (found !== null) resolve(found[1] as string);
        });
      });
      const client = await RawClient.connect(url);
      child.kill(signal);
      expect(await client.next('disconnect')).toMatchObject({ reasonCode: 0x8b });
      expect(await code).toBe(0);
    },
    20_000,
  );

  it('--origins lets pages of other hosts in, and no others', async () => {
    const one = broker('--ws', '0', '--origins', 'https://app.example,null');
    const url = await address(one, 'ws');
    const statusOf = (origin: string): Promise<string> =>
      new Promise((resolve) => {
        const socket = new WebSocket(url, 'mqtt', { origin });
        socket.once('open', () => {
          socket.terminate();
          resolve('open');
        });
        socket.once('error', ({ message }) => resolve(message));
      });
    expect(await statusOf('https://app.example')).toBe('open');
    expect(await statusOf('null')).toBe('open');
    expect(await statusOf('https://other.example')).toContain('403');
  });

  it('serves TCP and WebSocket side by side', async () => {
    const one = broker('--ws', '0');
    const [tcp, ws] = [await address(one, 'tcp'), await address(one, 'ws')];
    const [from, to] = [connect(tcp, { reconnect: false }), connect(ws, { reconnect: false })];
    const message = firstValueFrom(to.subscribe('a/+', { qos: 1 }));
    await firstValueFrom(to.subscriptions$.pipe(filter((all) => all.get('a/+')?.status === 'active')));
    await lastValueFrom(from.publish('a/b', 'over both', { qos: 1 }));
    expect((await message).text()).toBe('over both');
    await Promise.all([from.end(), to.end()]);
  });

  it('speaks TLS on both with a certificate and its key', async () => {
    const { ca, server } = makeCertificates();
    const one = broker('--ws', '0', '--cert', file('server.crt', server.cert), '--key', file('server.key', server.key));
    for (const scheme of ['mqtts', 'wss']) {
      const client = connect(await address(one, scheme), { reconnect: false, tls: { ca: ca.cert } });
      await lastValueFrom(client.publish('a', 'b', { qos: 1 }));
      await client.end();
    }
  });

  it('admits only the users of its file', async () => {
    const made = command(['passwd', 'hall'], 'correct horse\n');
    expect(await made.code).toBe(0);
    const one = broker('--users', file('users', `${made.out[0] ?? ''}\n`));
    const url = await address(one, 'tcp');
    const password = (text: string): Uint8Array => new TextEncoder().encode(text);
    const inside = await RawClient.connect(url, { username: 'hall', password: password('correct horse') });
    expect(inside.connack.reasonCode).toBe(0);
    const outside = await RawClient.connect(url, { username: 'hall', password: password('wrong') });
    expect(outside.connack.reasonCode).toBe(0x86);
    const stranger = await RawClient.connect(url);
    expect(stranger.connack.reasonCode).toBe(0x86);
    await inside.disconnect();
  });

  it('-v logs connections and subscriptions, without payloads and credentials', async () => {
    const one = broker('-v', '--users', file('few', 'hall:correct horse'));
    const url = await address(one, 'tcp');
    const password = new TextEncoder().encode('correct horse');
    const client = await RawClient.connect(url, { clientId: 'c\n1', username: 'hall', password });
    await client.subscribe('a/#', 1);
    await client.publishAndWait('b', 'top secret', { qos: 1 });
    await client.disconnect();
    await one.line(/"c\\n1" disconnected, 0x00$/);
    const log = one.out.slice(1).map((line) => line.replace(/^\d{4}-\d\d-\d\dT[\d:.]+Z /, ''));
    expect(log).toEqual([
      expect.stringMatching(/^"c\\n1" connected from 127\.0\.0\.1:\d+ at tcp:\/\/127\.0\.0\.1:\d+, MQTT 5$/),
      '"c\\n1" subscribed to "a/#" at QoS 1',
      '"c\\n1" disconnected, 0x00',
    ]);
  });

  it('keeps retained messages in the folder of --store for the next run', async () => {
    const store = join(folder, 'store');
    const first = broker('--store', store);
    const publisher = await RawClient.connect(await address(first, 'tcp'));
    await publisher.publishAndWait('kept', 'still here', { qos: 1, retain: true });
    await publisher.disconnect();
    first.interrupt();
    expect(await first.code).toBe(0);

    const second = broker('--store', store);
    const subscriber = await RawClient.connect(await address(second, 'tcp'));
    await subscriber.subscribe('kept', 1);
    expect(textOf(await subscriber.message())).toBe('still here');
    await subscriber.disconnect();
  });

  it('keeps the files of --store to their owner, also those that an earlier run has left to all', async () => {
    const before = process.umask(0o022);
    try {
      const store = join(folder, 'private');
      const modes = (): string[] =>
        readdirSync(store).map((name) => (statSync(join(store, name)).mode & 0o777).toString(8));
      for (const round of [1, 2]) {
        const one = broker('--store', store);
        const publisher = await RawClient.connect(await address(one, 'tcp'));
        await publisher.publishAndWait('kept', `round ${round}`, { qos: 1, retain: true });
        await publisher.disconnect();
        expect(modes().length).toBeGreaterThanOrEqual(4);
        expect(new Set(modes())).toEqual(new Set(['600']));
        one.interrupt();
        expect(await one.code).toBe(0);
        expect(new Set(modes())).toEqual(new Set(['600']));
        expect((statSync(store).mode & 0o777).toString(8)).toBe('700');
        for (const name of readdirSync(store)) chmodSync(join(store, name), 0o644);
        process.umask(0o022);
      }
    } finally {
      process.umask(before);
    }
  });

  it.each([
    [['--host', '0.0.0.0'], true],
    [['--host', '::'], true],
    [['--host', '0.0.0.0', '--users', 'all'], false],
    [['--host', 'localhost'], false],
    [['--host', '::1'], false],
    [['--host', '127.0.0.2'], false],
  ])('%p says at the start whether everyone may connect: %p', async (args, open) => {
    const users = file('all', 'hall:correct horse');
    const one = broker(...args.map((arg) => (arg === 'all' ? users : arg)));
    const url = await address(one, 'tcp');
    one.interrupt();
    expect(await one.code).toBe(0);
    const warning = `rxmqtt broker: everyone who reaches ${url} may connect; give --users, or --host 127.0.0.1`;
    expect(one.err).toEqual(open ? [warning] : []);
  });

  it('-v shows no text of a client that forges lines or moves the text around it', async () => {
    const one = broker('-v');
    const url = await address(one, 'tcp');
    for (const [clientId, shown] of [
      ['a\u202e\u2028b', '"a\\u202e\\u2028b"'],
      ['\u0085\u001b[2J', '"\\u0085\\u001b[2J"'],
      ['"; x', '"\\"; x"'],
      ['y'.repeat(300), `"${'y'.repeat(200)}…"`],
    ] as const) {
      const client = await RawClient.connect(url, { clientId });
      expect(client.connack.reasonCode).toBe(0);
      await client.disconnect();
      const lines = (): string[] => one.out.filter((line) => line.includes(' disconnected, 0x00'));
      await one.line(/ disconnected, 0x00$/);
      expect(lines().at(-1)?.split('Z ')[1]).toBe(`${shown} disconnected, 0x00`);
      one.out.splice(0);
    }
  });

  it('logs nothing without -v', async () => {
    const one = broker();
    const client = await RawClient.connect(await address(one, 'tcp'));
    await client.disconnect();
    one.interrupt();
    expect(await one.code).toBe(0);
    expect(one.out).toHaveLength(1);
  });

  it('says what it waits for at its end, and a second interrupt does not wait', async () => {
    const abandoned: number[] = [];
    const one = brokerAt({ abandon: (code) => abandoned.push(code) });
    const { port } = new URL((await address(one, 'tcp')).replace('tcp:', 'http:'));
    // It takes CONNACK, and never hangs up.
    const socket = dial({ host: '127.0.0.1', port: Number(port), allowHalfOpen: true });
    socket.write(Uint8Array.of(0x10, 13, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, 0, 0, 1, 0x61));
    await new Promise((resolve) => socket.once('data', resolve));
    socket.pause();
    one.interrupt();
    const line = await one.errLine(/./);
    expect(line).toBe('rxmqtt broker: waiting for clients to hang up; interrupt again to end at once');
    expect(abandoned).toEqual([]);
    one.interrupt();
    expect(abandoned).toEqual([1]);
    socket.destroy();
    expect(await one.code).toBe(0);
  });

  it('fails with 1 when the port is taken, or a file is missing or invalid', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const port = String((taken.address() as AddressInfo).port);
    const missing = join(folder, 'missing');
    for (const [args, line] of [
      [['--port', port], /^rxmqtt broker: .*(EADDRINUSE|in use)/],
      [['--users', missing], /^rxmqtt broker: .*missing cannot be read: ENOENT$/],
      [['--users', file('bad', 'secret words')], /^rxmqtt broker: the users file .* cannot be used: line 1 is not/],
      [['--cert', missing, '--key', missing], /^rxmqtt broker: .*missing cannot be read: ENOENT$/],
    ] as const) {
      const { out, err, code } = command(['broker', '--port', '0', ...args]);
      expect(await code).toBe(1);
      expect(out).toEqual([]);
      expect(err).toEqual([expect.stringMatching(line)]);
      expect(err.join()).not.toContain('secret');
    }
    await new Promise((resolve) => taken.close(resolve));
  });
});
