import { Ring, type TestPage } from './support/ring.js';

/** The page's policy allows WebSockets to 127.0.0.1 only. */
const FORBIDDEN = 'ws://broker.example:8083/mqtt';

/** ms; a time-out of the client would take 30 000. */
const AT_ONCE = 5000;

describe('a page whose Content-Security-Policy forbids the address of the broker', () => {
  let ring: Ring;
  let testPage: TestPage;
  beforeAll(async () => {
    ring = await Ring.start();
  });
  afterAll(() => ring.stop());
  beforeEach(async () => {
    testPage = await ring.page();
  });
  afterEach(async () => {
    // Chromium's own word on it.
    expect(testPage.complaints.filter((text) => !text.includes('Content Security Policy'))).toEqual([]);
    await testPage.context.close();
  });

  it('ends the client at once, with the policy as the reason', async () => {
    const { page } = testPage;
    const { states, reason, ms } = await page.evaluate(async (url) => {
      const began = performance.now();
      const client = rxmqtt.connect(url);
      const all = await rxjs.lastValueFrom(client.state$.pipe(rxjs.toArray()));
      const last = all.at(-1);
      const text = last?.status === 'ended' ? `${String(last.reason?.code)}: ${String(last.reason?.message)}` : '';
      return { states: all.map(({ status }) => status), reason: text, ms: performance.now() - began };
    }, FORBIDDEN);
    expect(states).toEqual(['idle', 'connecting', 'ended']);
    expect(reason).toMatch(/^INVALID_OPTION: .*Content-Security-Policy.*connect-src/);
    expect(ms).toBeLessThan(AT_ONCE);
  });

  it('is told so by connected$ and by every subscription', async () => {
    const { page } = testPage;
    const errors = await page.evaluate(async (url) => {
      const client = rxmqtt.connect(url);
      const fate = (source$: import('rxjs').Observable<unknown>): Promise<string> =>
        rxjs.lastValueFrom(source$).then(String, String);
      return Promise.all([fate(client.connected$), fate(client.subscribe('a'))]);
    }, FORBIDDEN);
    for (const error of errors) expect(error).toContain('Content-Security-Policy');
  });

  it('goes on to another server that it allows', async () => {
    const { page } = testPage;
    const url = await page.evaluate(
      async ([forbidden, allowed]) => {
        const client = rxmqtt.connect({ servers: [forbidden, allowed], reconnect: { minDelay: 10 } });
        const state = await rxjs.firstValueFrom(client.connected$);
        await client.end();
        return state.url;
      },
      [FORBIDDEN, ring.url] as const,
    );
    expect(url).toBe(ring.url);
  });

  it('is told so in a worker, too', async () => {
    const { page } = testPage;
    const error = await page.evaluate(async (url) => {
      const { port1, port2 } = new MessageChannel();
      const answered = new Promise<string>((resolve) => {
        port1.onmessage = ({ data }: MessageEvent<string>) => resolve(data);
      });
      new Worker('/worker.js').postMessage({ url }, [port2]);
      return answered;
    }, FORBIDDEN);
    expect(error).toContain('Content-Security-Policy');
  });

  it('is not confused by what the policy blocks besides', async () => {
    const { page } = testPage;
    const status = await page.evaluate(async (url) => {
      const client = rxmqtt.connect(url);
      await fetch('https://elsewhere.example/').catch(() => undefined);
      const state = await rxjs.firstValueFrom(client.connected$);
      await client.end();
      return state.status;
    }, ring.url);
    expect(status).toBe('connected');
  });

  it('says nothing of a policy where a broker is just not there', async () => {
    const { page } = testPage;
    const reason = await page.evaluate(async () => {
      const client = rxmqtt.connect('ws://127.0.0.1:9/mqtt', { reconnect: false });
      const last = await rxjs.lastValueFrom(client.state$);
      return last.status === 'ended' ? String(last.reason?.message) : '';
    });
    expect(reason).toContain('check that the broker is reachable');
  });
});
