import { createHash, randomBytes } from 'node:crypto';
import { Socket } from 'node:net';
import { ConnectError } from '../../src/errors.js';
import type { Connection } from '../../src/transport/transport.js';
import { makeCertificates } from '../support/certificates.js';
import { NOTHING_LEFT, watchResources } from '../support/resources.js';
import type { ResourceWatch } from '../support/resources.js';
import { lineKinds } from './lines.js';
import type { Line } from './lines.js';

const certificates = makeCertificates();

/** What comes in at one end of a line. */
class Reader {
  readonly chunks: Uint8Array[] = [];
  length = 0;
  /** `open`, `complete`, or the error. */
  outcome: unknown = 'open';
  private waiting: (() => void)[] = [];

  constructor(connection: Connection, onChunk: (chunk: Uint8Array) => void = () => undefined) {
    connection.incoming$.subscribe({
      next: (chunk) => {
        this.chunks.push(chunk);
        this.length += chunk.length;
        onChunk(chunk);
        this.wake();
      },
      error: (error: unknown) => {
        this.outcome = error;
        this.wake();
      },
      complete: () => {
        this.outcome = 'complete';
        this.wake();
      },
    });
  }

  get bytes(): Buffer {
    return Buffer.concat(this.chunks);
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  async has(length: number): Promise<Buffer> {
    await this.until(() => this.length >= length || this.outcome !== 'open');
    return this.bytes;
  }

  async end(): Promise<unknown> {
    await this.until(() => this.outcome !== 'open');
    return this.outcome;
  }

  private wake(): void {
    for (const resolve of this.waiting.splice(0)) resolve();
  }
}

function write(connection: Connection, ...parts: (string | Uint8Array)[]): void {
  for (const part of parts) {
    connection.out.append(typeof part === 'string' ? Buffer.from(part) : part);
    connection.commit();
  }
}

const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

describe.each(lineKinds(() => certificates))('a connection over $name', ({ name, open }) => {
  const lines: Line[] = [];
  let resources: ResourceWatch;

  beforeEach(() => {
    resources = watchResources();
  });

  afterEach(async () => {
    for (const line of lines.splice(0)) line.close();
    expect(await resources.left()).toEqual(NOTHING_LEFT);
  });

  async function line(options?: Parameters<typeof open>[0]): Promise<Line> {
    const made = await open(options);
    lines.push(made);
    return made;
  }

  test('carries bytes both ways', async () => {
    const { client, server } = await line();
    new Reader(server, (chunk) => write(server, Buffer.concat([Buffer.from('re:'), chunk])));
    const reader = new Reader(client);
    write(client, 'hello');
    expect((await reader.has(8)).toString()).toBe('re:hello');
  });

  test('keeps the order of commits, turn after turn', async () => {
    const { client, server } = await line();
    const reader = new Reader(server);
    let expected = '';
    for (let turn = 0; turn < 20; turn++) {
      for (let i = 0; i < 10; i++) {
        const part = `${turn}.${i};`;
        expected += part;
        write(client, part);
      }
      if (turn % 3 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await reader.has(expected.length)).toString()).toBe(expected);
  });

  test('carries 5 MB by reference between small packets intact', async () => {
    const { client, server } = await line();
    const payload = randomBytes(5_000_000);
    const whole = Buffer.concat([Buffer.from('before'), payload, Buffer.from('after')]);
    const untouched = digest(payload);
    const reader = new Reader(server);
    write(client, 'before', payload, 'after');
    expect(digest(await reader.has(whole.length))).toBe(digest(whole));
    expect(digest(payload)).toBe(untouched);
  });

  test('carries more than fits one write, from the accepting side', async () => {
    const { client, server } = await line();
    const parts = Array.from({ length: 200 }, () => randomBytes(1 + Math.floor(Math.random() * 9000)));
    const whole = Buffer.concat(parts);
    const reader = new Reader(client);
    write(server, ...parts);
    expect(digest(await reader.has(whole.length))).toBe(digest(whole));
  });

  test('carries 8 MB of small packets intact to a peer that reads late', async () => {
    const { client, server } = await line();
    const reader = new Reader(server);
    server.pause();
    const packets = Array.from({ length: 8000 }, (_, index) => Buffer.alloc(1000, index % 251));
    for (let at = 0; at < packets.length; at += 100) {
      write(client, ...packets.slice(at, at + 100));
      await new Promise((resolve) => setImmediate(resolve));
    }
    server.resume();
    const whole = Buffer.concat(packets);
    expect(digest(await reader.has(whole.length))).toBe(digest(whole));
  });

  test('keeps data that arrives before the first observer', async () => {
    const { client, server } = await line();
    const echoed = new Reader(server);
    write(server, 'early');
    write(client, 'ping');
    await echoed.has(4);
    await new Promise((resolve) => setImmediate(resolve));
    expect((await new Reader(client).has(5)).toString()).toBe('early');
  });

  test('delivers to the observer that follows the first', async () => {
    const { client, server } = await line();
    const first = await new Promise<string>((resolve) => {
      const subscription = client.incoming$.subscribe((chunk) => {
        subscription.unsubscribe();
        resolve(Buffer.from(chunk).toString());
      });
      write(server, 'one');
    });
    write(server, 'two');
    expect(first).toBe('one');
    expect((await new Reader(client).has(3)).toString()).toBe('two');
  });

  test('delivers nothing while it is paused, and all of it after resume()', async () => {
    const { client, server } = await line();
    const reader = new Reader(client);
    const other = new Reader(server);
    client.pause();
    write(server, 'held back');
    write(client, 'round trip');
    await other.has(10);
    await new Promise((resolve) => setImmediate(resolve));
    expect(reader.length).toBe(0);
    client.resume();
    expect((await reader.has(9)).toString()).toBe('held back');
  });

  test('end() sends earlier commits, and completes both sides', async () => {
    const { client, server } = await line();
    const here = new Reader(client);
    const there = new Reader(server);
    write(client, 'last words');
    client.end();
    expect(await there.end()).toBe('complete');
    expect(there.bytes.toString()).toBe('last words');
    expect(await here.end()).toBe('complete');
  });

  test('end() of the accepting side completes both sides', async () => {
    const { client, server } = await line();
    const here = new Reader(client);
    const there = new Reader(server);
    write(server, 'bye');
    server.end();
    expect(await here.end()).toBe('complete');
    expect(here.bytes.toString()).toBe('bye');
    expect(await there.end()).toBe('complete');
  });

  test('end() completes even when reading is paused, and when called twice', async () => {
    const { client, server } = await line();
    const here = new Reader(client);
    new Reader(server);
    client.pause();
    client.end();
    client.end();
    expect(await here.end()).toBe('complete');
  });

  test('drops commits after end()', async () => {
    const { client, server } = await line();
    const there = new Reader(server);
    client.end();
    write(client, 'too late');
    expect(await there.end()).toBe('complete');
    expect(there.length).toBe(0);
    expect(client.out.length).toBe(0);
  });

  test('unsubscribing from the transport ends it for the other side', async () => {
    const { client, server, hangUp } = await line();
    const here = new Reader(client);
    const there = new Reader(server);
    hangUp();
    await there.end();
    expect(here.outcome).toBe('complete');
    write(client, 'nobody is there');
    expect(client.out.length).toBe(0);
  });

  test('unsubscribing with megabytes unsent frees the socket', async () => {
    const { client, hangUp } = await line();
    new Reader(client);
    for (let i = 0; i < 20; i++) write(client, randomBytes(1_000_000));
    hangUp();
    hangUp();
  });

  test('records when it last sent and received', async () => {
    const { client, server } = await line();
    const reader = new Reader(server);
    const { lastSent } = client;
    const { lastReceived } = server;
    const clock = jest.spyOn(performance, 'now').mockReturnValue(performance.now() + 1_234_567);
    try {
      write(client, 'now');
      await reader.has(3);
    } finally {
      clock.mockRestore();
    }
    expect(client.lastSent - lastSent).toBeGreaterThanOrEqual(1_234_567);
    expect(server.lastReceived - lastReceived).toBeGreaterThanOrEqual(1_234_567);
  });

  test('knows its peer', async () => {
    const { client } = await line();
    const expected = {
      unix: /^unix:\/.*broker\.sock$/,
      memory: /^mqtt:\/\/memory:1883$/,
      'a Duplex': /^mqtt:\/\/127\.0\.0\.1:\d+$/,
    }[name];
    expect(client.peer.address).toMatch(expected ?? /^127\.0\.0\.1:\d+$/);
  });

  test('a broken line is a ConnectError, or the end if the peer is gone', async () => {
    const { client, cut } = await line();
    const here = new Reader(client);
    cut();
    const outcome = await here.end();
    if (name === 'unix') {
      expect(outcome).toBe('complete');
      return;
    }
    expect(outcome).toBeInstanceOf(ConnectError);
    expect(String(outcome)).toMatch(/^ConnectError: connection to \S+ lost: .+; .+/);
    if (name !== 'memory') expect(String(outcome)).toContain('reset by the peer (ECONNRESET)');
  });
});

describe.each(lineKinds(() => certificates).filter(({ name }) => name !== 'memory'))('a socket: $name', ({ open }) => {
  let line: Line;
  let resources: ResourceWatch;

  beforeEach(async () => {
    resources = watchResources();
    line = await open({ socket: { highWaterMark: 128 * 1024 } });
  });

  afterEach(async () => {
    line.close();
    expect(await resources.left()).toEqual(NOTHING_LEFT);
  });

  test('several commits of one turn are one write', async () => {
    const { client, server } = line;
    const reader = new Reader(server);
    const writes = jest.spyOn(Socket.prototype, 'write');
    write(client, 'a', 'b', 'c');
    expect(writes).toHaveBeenCalledTimes(0);
    await Promise.resolve();
    const calls = writes.mock.contexts.length;
    writes.mockRestore();
    expect(calls).toBe(1);
    expect((await reader.has(3)).toString()).toBe('abc');
  });

  test('256 KiB are written before the end of the turn', () => {
    const { client } = line;
    write(client, new Uint8Array(256 * 1024));
    expect(client.out.length).toBe(0);
  });

  test('is congested beyond its high water mark until it has drained', async () => {
    const { client, server } = line;
    let sent = 0;
    let turns = 0;
    // The other side does not read, so the buffers of the system fill up, whatever their size.
    while (turns < 50) {
      if (!client.congested) {
        write(client, new Uint8Array(1_000_000));
        sent += 1_000_000;
      }
      await new Promise((resolve) => setImmediate(resolve));
      turns = client.congested ? turns + 1 : 0;
    }
    let drains = 0;
    const drained = new Promise<void>((resolve) =>
      client.drained$.subscribe(() => {
        drains++;
        resolve();
      }),
    );
    const reader = new Reader(server);
    await drained;
    await reader.has(sent);
    expect([reader.length, drains, client.congested]).toEqual([sent, 1, false]);
  });

  test('a socket error after unsubscribing is ignored', async () => {
    const tuned = jest.spyOn(Socket.prototype, 'setNoDelay');
    const another = await open();
    const sockets: Socket[] = [...tuned.mock.contexts];
    tuned.mockRestore();
    another.close();
    expect(sockets.length).toBeGreaterThan(0);
    for (const socket of sockets) expect(socket.emit('error', new Error('late'))).toBe(true);
  });

  test('end() waits for a slow reader', async () => {
    const { client, server } = line;
    const here = new Reader(client);
    write(client, new Uint8Array(8_000_000));
    client.end();
    const there = new Reader(server);
    expect(await there.end()).toBe('complete');
    expect(there.length).toBe(8_000_000);
    expect(await here.end()).toBe('complete');
  });
});
