import { createBroker, type Broker } from '../../src/broker/index.js';
import { credentials, scramServer } from '../../examples/scram.js';
import { Ring } from './support/ring.js';

/** A broker that admits clients that prove by SCRAM that they know the password. */
async function startScramBroker(): Promise<{ broker: Broker; url: string }> {
  const broker = createBroker({
    listeners: ['ws://127.0.0.1:0/mqtt'],
    enhancedAuthentication: { 'SCRAM-SHA-256': scramServer(new Map([['hall-7', credentials('correct horse')]])) },
  });
  const [url = ''] = await broker.listening;
  return { broker, url };
}

describe('what a page uses of a client', () => {
  let ring: Ring;
  beforeAll(async () => {
    ring = await Ring.start();
  });
  afterAll(() => ring.stop());

  it('topics go out as numbers with the option topicAlias', async () => {
    const { page, context, complaints } = await ring.page();
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
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('request and respond work under a strict policy', async () => {
    const { page, context, complaints } = await ring.page();
    const reply = await page.evaluate(async (url) => {
      const client = rxmqtt.connect(url);
      rxmqtt.respond(client, 'calc/add', (asked) => `${asked.text()} = 42`).subscribe();
      const answer = await rxjs.firstValueFrom(rxmqtt.request(client, 'calc/add', '20 + 22'));
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
        // Without this, a refused client tries again: its source of credentials may know better next time.
        const auth = rxmqtt.scramSha256({ username: 'hall-7', password });
        const client = rxmqtt.connect(address, { auth, reconnect: false });
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

  it('works in a module worker, as the bundler of an application leaves it', async () => {
    const { page, context, complaints } = await ring.page();
    const answer = await page.evaluate(async (url) => {
      const { port1, port2 } = new MessageChannel();
      const answered = new Promise<string>((resolve) => {
        port1.onmessage = ({ data }: MessageEvent<string>) => resolve(data);
      });
      new Worker('/module-worker.js', { type: 'module' }).postMessage({ url }, [port2]);
      return answered;
    }, ring.url);
    expect(answer).toBe('42');
    expect(complaints).toEqual([]);
    await context.close();
  });
});
