import { randomBytes } from 'node:crypto';
import { defaultIfEmpty, firstValueFrom, fromEvent, isObservable, takeUntil } from 'rxjs';
import { createBroker, type AuthenticateRequest, type Broker, type BrokerLimits } from '../../src/broker/index.js';
import { HashQueue } from '../../src/cli/hash-queue.js';
import { userLine, usersOf } from '../../src/cli/users.js';
import { RawClient } from '../support/raw-client.js';

/** Hashes that end when the test says so. */
class Hashes {
  readonly pending: (() => void)[] = [];
  started = 0;
  atOnce = 0;
  private running = 0;
  readonly queue = new HashQueue(() => {
    this.started++;
    this.atOnce = Math.max(this.atOnce, ++this.running);
    return new Promise((resolve) => {
      this.pending.push(() => {
        this.running--;
        resolve(randomBytes(32));
      });
    });
  });

  /** Ends all that run, and all that begin by that. */
  async finish(): Promise<void> {
    for (let next = this.pending.shift(); next !== undefined; next = this.pending.shift()) {
      next();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

const request = (username: string, password = 'x'): AuthenticateRequest =>
  ({ clientId: 'c', username, password: new TextEncoder().encode(password) }) as AuthenticateRequest;

/** Asks as the broker does, which unsubscribes when the connection is gone. */
function asking(text: string, queue?: HashQueue) {
  const authenticate = usersOf(text, queue);
  return async (asked: AuthenticateRequest, connection = new AbortController()): Promise<boolean | number> => {
    const answer = authenticate(asked);
    if (!isObservable(answer)) return answer;
    const gone$ = fromEvent(connection.signal, 'abort');
    return firstValueFrom(answer.pipe(takeUntil(gone$), defaultIfEmpty(false)));
  };
}

describe('hashed logins', () => {
  let line: string;
  beforeAll(async () => {
    line = await userLine('hall', 'secret');
  });

  it('are computed two at a time, with 32 behind them; the rest is refused with 0x9F', async () => {
    const hashes = new Hashes();
    const may = asking(line, hashes.queue);
    const answers = Array.from({ length: 100 }, (_, index) => may(request(`user ${index}`)));
    expect(await Promise.all(answers.slice(34))).toEqual(Array<number>(66).fill(0x9f));
    expect(hashes.started).toBe(2);
    await hashes.finish();
    expect(await Promise.all(answers.slice(0, 34))).toEqual(Array<boolean>(34).fill(false));
    expect([hashes.started, hashes.atOnce]).toEqual([34, 2]);
  });

  it('are computed once for all who ask with the same name and password', async () => {
    const hashes = new Hashes();
    const may = asking(line, hashes.queue);
    const answers = Array.from({ length: 2000 }, (_, index) => may(request(`user ${index % 20}`)));
    await hashes.finish();
    expect(new Set(await Promise.all(answers))).toEqual(new Set([false]));
    expect(hashes.started).toBe(20);
  });

  it('are dropped with their connections', async () => {
    const hashes = new Hashes();
    const may = asking(line, hashes.queue);
    const connections = Array.from({ length: 30 }, () => new AbortController());
    const answers = connections.map((connection, index) => may(request(`user ${index}`), connection));
    for (const connection of connections.slice(2)) connection.abort();
    expect(await Promise.all(answers.slice(2))).toEqual(Array<boolean>(28).fill(false));
    await hashes.finish();
    expect(hashes.started).toBe(2);
  });

  it('go on for the others when one of the same user is gone', async () => {
    const hashes = new Hashes();
    const may = asking(line, hashes.queue);
    const connection = new AbortController();
    const [gone, stays] = [may(request('hall'), connection), may(request('hall'))];
    connection.abort();
    await gone;
    await hashes.finish();
    expect(await stays).toBe(false);
    expect(hashes.started).toBe(1);
  });

  it('are remembered when they were right, and not when they were wrong', async () => {
    let computed = 0;
    const queue = new HashQueue(async (password, salt) => {
      computed++;
      const { derive } = await import('../../src/cli/hash-queue.js');
      return derive(password, salt);
    });
    const may = asking(`${line}\nplain:word`, queue);
    for (const [name, password, right, hashes] of [
      ['hall', 'secret', true, 1],
      ['hall', 'secret', true, 1],
      ['hall', 'wrong', false, 2],
      ['hall', 'wrong', false, 3],
      ['hall', 'secret', true, 3],
      // No faster than a known one, and no slower.
      ['unknown', 'secret', false, 4],
      ['plain', 'wrong', false, 5],
      ['plain', 'word', true, 6],
      ['plain', 'word', true, 6],
    ] as const) {
      expect(await may(request(name, password))).toBe(right);
      expect(computed).toBe(hashes);
    }
  });

  it('of plain passwords alone need no hash', async () => {
    const hashes = new Hashes();
    const may = asking('plain:word', hashes.queue);
    expect([await may(request('plain', 'word')), await may(request('unknown'))]).toEqual([true, false]);
    expect(hashes.started).toBe(0);
  });
});

describe('2000 clients that log in at once', () => {
  let broker: Broker;
  let url: string;

  async function begin(users: number, limits: Partial<BrokerLimits> = {}): Promise<void> {
    const hashed = await userLine('', 'secret');
    const lines = Array.from({ length: users }, (_, index) => `user ${index}${hashed}`);
    broker = createBroker({
      listeners: ['tcp://127.0.0.1:0'],
      authenticate: usersOf(lines.join('\n')),
      limits,
      sysInterval: 0,
    });
    [url = ''] = await broker.listening;
  }
  afterEach(() => broker.close());

  async function codes(userOf: (index: number) => number): Promise<Map<number, number>> {
    const counts = new Map<number, number>();
    const answers = Array.from({ length: 2000 }, async (_, index) => {
      const user = userOf(index);
      const client = await RawClient.open(url);
      client.send({
        cmd: 'connect',
        protocolVersion: 5,
        clientId: `c${index}`,
        clean: true,
        keepalive: 0,
        username: `user ${user}`,
        password: Buffer.from('secret'),
      });
      const packet = await client.take(120_000);
      const code = packet?.cmd === 'connack' ? packet.reasonCode : -1;
      counts.set(code, (counts.get(code) ?? 0) + 1);
    });
    await Promise.all(answers);
    return counts;
  }

  it('as 20 users are all connected', async () => {
    // However slow the computer is: a hash is computed for each of them, and no more.
    await begin(20, { connectTimeout: 100_000, hookTimeout: 100_000 });
    expect(await codes((index) => index % 20)).toEqual(new Map([[0, 2000]]));
  }, 150_000);

  it('as 2000 users are connected or refused, within the time of a connection', async () => {
    await begin(1);
    const counts = await codes((index) => index);
    // Node accepts one socket a turn, which takes its time on a busy computer. From then on each has an answer in time:
    // no CONNECT is left to the end of its connection.
    expect(counts.get(0)).toBe(1);
    for (const code of counts.keys()) expect([0, 0x86, 0x88, 0x9f]).toContain(code);
  }, 150_000);
});
