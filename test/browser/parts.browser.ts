import { createBroker, type Broker } from '../../src/broker/index.js';
import { credentials, scramServer } from '../../examples/scram.js';
import { Ring } from './support/ring.js';

/** A broker that lets in whoever proves by SCRAM that he knows the password. */
async function startScramBroker(): Promise<{ broker: Broker; url: string }> {
  const broker = createBroker({
    listeners: ['ws://127.0.0.1:0/mqtt'],
    enhancedAuthentication: { 'SCRAM-SHA-256': scramServer(new Map([['hall-7', credentials('correct horse')]])) },
  });
  const [url = ''] = await broker.listening;
  return { broker, url };
}

describe('the parts of a client that a page loads when they are asked for', () => {
  let ring: Ring;
  beforeAll(async () => {
    ring = await Ring.start();
  });
  afterAll(() => ring.stop());

  it('are not loaded by a page that does not use them', async () => {
    const loaded: string[] = [];
    const { page, context } = await ring.page((fresh) => {
      fresh.on('request', (request) => loaded.push(new URL(request.url()).pathname));
      return Promise.resolve();
    });
    await page.evaluate(async (url) => {
      const client = rxmqtt.connect(url);
      await rxjs.firstValueFrom(client.publish('parts/plain', 'x', { qos: 1 }));
      await client.end();
    }, ring.url);
    expect(loaded.filter((path) => path.startsWith('/rxmqtt/'))).toEqual(['/rxmqtt/index.js']);
    await context.close();
  });

  it('come before the connection where an option needs them: topics go out as numbers', async () => {
    const loaded: string[] = [];
    const { page, context, complaints } = await ring.page((fresh) => {
      fresh.on('request', (request) => loaded.push(new URL(request.url()).pathname));
      return Promise.resolve();
    });
    const topics = await page.evaluate(async (url) => {
      const client = rxmqtt.connect(url, { topicAlias: 'auto' });
      const sent = rxjs.firstValueFrom(
        client.packets$.pipe(
          rxjs.filter(({ direction, packet }) => direction === 'out' && packet.cmd === 'publish'),
          rxjs.map(({ packet }) => (packet.cmd === 'publish' ? packet.topic : '')),
          rxjs.take(2),
          rxjs.toArray(),
        ),
      );
      await rxjs.firstValueFrom(client.publish('parts/with/alias', 'a', { qos: 1 }));
      await rxjs.firstValueFrom(client.publish('parts/with/alias', 'b', { qos: 1 }));
      await client.end();
      return sent;
    }, ring.url);
    expect(topics).toEqual(['parts/with/alias', '']);
    expect(loaded.filter((path) => path.startsWith('/rxmqtt/extras-'))).toHaveLength(1);
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('request and respond work under a strict policy', async () => {
    const { page, context, complaints } = await ring.page();
    const reply = await page.evaluate(async (url) => {
      const client = rxmqtt.connect(url);
      client.respond('calc/add', (request) => `${request.text()} = 42`).subscribe();
      const answer = await rxjs.firstValueFrom(client.request('calc/add', '20 + 22'));
      await client.end();
      return answer.text();
    }, ring.url);
    expect(reply).toBe('20 + 22 = 42');
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('SCRAM-SHA-256 lets a page in, once more while it is connected, and keeps one with another password out', async () => {
    const { broker, url } = await startScramBroker();
    const { page, context, complaints } = await ring.page();
    const outcomes = await page.evaluate(async (address) => {
      const seen: string[] = [];
      for (const password of ['correct horse', 'wrong horse']) {
        const client = rxmqtt.connect(address, { auth: rxmqtt.scramSha256({ username: 'hall-7', password }) });
        const { status } = await rxjs.firstValueFrom(
          client.state$.pipe(rxjs.filter((state) => state.status === 'connected' || state.status === 'ended')),
        );
        seen.push(status);
        if (status === 'connected') await rxjs.lastValueFrom(client.reauthenticate());
        await client.end();
      }
      return seen;
    }, url);
    expect(outcomes).toEqual(['connected', 'ended']);
    expect(complaints).toEqual([]);
    await context.close();
    await broker.close();
  });

  it('are loaded in a module worker, out of what the bundler of an application made of them', async () => {
    const { page, context, complaints } = await ring.page();
    const answer = await page.evaluate(async (url) => {
      const { port1, port2 } = new MessageChannel();
      const answered = new Promise<string>((resolve) => {
        port1.onmessage = ({ data }: MessageEvent<string>) => resolve(data);
      });
      new Worker('/split/module-worker.js', { type: 'module' }).postMessage({ url }, [port2]);
      return answered;
    }, ring.url);
    expect(answer).toBe('42');
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('one that cannot be loaded fails the attempt with NOT_LOADED, and the next attempt asks again', async () => {
    const { broker, url } = await startScramBroker();
    let refuse = true;
    const { page, context } = await ring.page((fresh) =>
      fresh.route('**/authentication-*.js', (route) => (refuse ? route.abort() : route.continue())),
    );
    const failure = await page.evaluate(async (address) => {
      globalThis.client = rxmqtt.connect(address, {
        auth: rxmqtt.scramSha256({ username: 'hall-7', password: 'correct horse' }),
        reconnect: { minDelay: 60_000, jitter: 'none' },
      });
      const state = await rxjs.firstValueFrom(
        client.state$.pipe(rxjs.filter(({ status }) => status === 'reconnecting')),
      );
      return state.status === 'reconnecting' ? { code: state.reason.code, message: state.reason.message } : undefined;
    }, url);
    expect(failure?.code).toBe('NOT_LOADED');
    expect(failure?.message).toMatch(
      /^the part of rxmqtt for enhanced authentication could not be loaded: .*rxmqtt\/single/,
    );
    refuse = false;
    const status = await page.evaluate(async () => {
      const connected = rxjs.firstValueFrom(client.state$.pipe(rxjs.filter((state) => state.status === 'connected')));
      client.reconnectNow();
      const state = await connected;
      await client.end();
      return state.status;
    });
    expect(status).toBe('connected');
    await context.close();
    await broker.close();
  });

  it('a request whose part cannot be loaded errors, and ending the client meanwhile settles it too', async () => {
    const { page, context } = await ring.page((fresh) => fresh.route('**/conversation-*.js', (route) => route.abort()));
    const codes = await page.evaluate(async (url) => {
      const client = rxmqtt.connect(url);
      const codeOf = (request$: import('rxjs').Observable<unknown>): Promise<string> =>
        rxjs.firstValueFrom(request$).then(
          () => 'answered',
          (error: { code: string }) => error.code,
        );
      const first = await codeOf(client.request('calc/add', 'x'));
      const second = codeOf(client.request('calc/add', 'x'));
      await client.end();
      return [first, await second];
    }, ring.url);
    expect(codes).toEqual(['NOT_LOADED', 'NOT_LOADED']);
    await context.close();
  });
});
