import { makeCertificates } from '../support/certificates.js';
import { Ring, type TestPage } from './support/ring.js';
import { bundleText, startSite } from './support/site.js';

describe('the browser bundle in Chromium, on a page with a strict Content-Security-Policy', () => {
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
    expect(testPage.complaints).toEqual([]);
    await testPage.context.close();
  });

  it('expects no Buffer, process, global or require of the page, and leaves none there', async () => {
    const kinds = await testPage.page.evaluate(() =>
      ['Buffer', 'process', 'global', 'require'].map((name) => typeof (globalThis as Record<string, unknown>)[name]),
    );
    expect(kinds).toEqual(['undefined', 'undefined', 'undefined', 'undefined']);
  });

  it('holds neither eval nor new Function', () => {
    expect(bundleText()).not.toMatch(/\beval\s*\(|\bnew Function\b|\bFunction\s*\(/);
  });

  it('is refused eval by this page', async () => {
    const error = await testPage.page.evaluate(
      () =>
        new Promise<string>((resolve) => {
          const script = document.createElement('script');
          script.textContent = 'globalThis.ran = true';
          document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => resolve(effectiveDirective));
          document.head.append(script);
        }),
    );
    expect(error).toBe('script-src-elem');
    expect(testPage.complaints).toHaveLength(1);
    testPage = { ...testPage, complaints: [] };
  });

  it.each([3, 4, 5] as const)('connects with protocol version %i', async (protocolVersion) => {
    const states = await testPage.page.evaluate(
      async ([url, version]) => {
        const client = rxmqtt.connect(url, { protocolVersion: version });
        const seen: string[] = [];
        client.state$.subscribe(({ status }) => seen.push(status));
        await rxjs.firstValueFrom(client.state$.pipe(rxjs.filter(({ status }) => status === 'connected')));
        await client.end();
        return seen;
      },
      [ring.url, protocolVersion] as const,
    );
    expect(states).toEqual(['idle', 'connecting', 'connected', 'ended']);
  });

  it.each([0, 1, 2] as const)('publishes and receives at QoS %i', async (qos) => {
    const result = await testPage.page.evaluate(
      async ([url, level]) => {
        const client = rxmqtt.connect(url);
        const received = rxjs.firstValueFrom(
          client.subscribe('hall/+/temp', { qos: level }).pipe(rxjs.take(3), rxjs.toArray()),
        );
        const active$ = client.subscriptions$.pipe(rxjs.filter((all) => all.get('hall/+/temp')?.status === 'active'));
        await rxjs.firstValueFrom(active$);
        const receipts = await Promise.all(
          ['20', '21', '22'].map((value) => rxjs.firstValueFrom(client.publish('hall/7/temp', value, { qos: level }))),
        );
        const messages = await received;
        await client.end();
        return {
          messages: messages.map((message) => [message.topic, message.text(), message.qos]),
          receipts: receipts.map((receipt) => receipt.qos),
        };
      },
      [ring.url, qos] as const,
    );
    expect(result).toEqual({
      messages: ['20', '21', '22'].map((value) => ['hall/7/temp', value, qos]),
      receipts: [qos, qos, qos],
    });
  });

  it('sends and receives a payload of 1 MB', async () => {
    const result = await testPage.page.evaluate(async (url) => {
      const client = rxmqtt.connect(url);
      const payload = new Uint8Array(1024 * 1024).map((_, at) => (at * 31) & 0xff);
      const received = rxjs.firstValueFrom(client.subscribe('large', { qos: 1 }));
      await rxjs.firstValueFrom(client.publish('large', payload, { qos: 1 }));
      const message = await received;
      await client.end();
      return { length: message.payload.length, same: message.payload.every((byte, at) => byte === payload[at]) };
    }, ring.url);
    expect(result).toEqual({ length: 1024 * 1024, same: true });
  });

  it('holds a stream of large payloads back when the socket is congested, and loses none', async () => {
    const result = await testPage.page.evaluate(async (url) => {
      const client = rxmqtt.connect(url, { socket: { highWaterMark: 64 * 1024 } });
      const lengths = rxjs.firstValueFrom(
        client.subscribe('stream', { qos: 1 }).pipe(
          rxjs.map(({ payload }) => payload.length),
          rxjs.take(40),
          rxjs.toArray(),
        ),
      );
      const payload = new Uint8Array(128 * 1024);
      await rxjs.lastValueFrom(
        rxjs.range(0, 40).pipe(rxjs.mergeMap(() => client.publish('stream', payload, { qos: 1 }), 40)),
      );
      const all = await lengths;
      await client.end();
      return [all.length, new Set(all).size];
    }, ring.url);
    expect(result).toEqual([40, 1]);
  });

  it('gives the retained message to a late observer, and to the first one only once', async () => {
    const result = await testPage.page.evaluate(async (url) => {
      const client = rxmqtt.connect(url);
      await rxjs.firstValueFrom(client.publish('state/pump', 'on', { qos: 1, retain: true }));
      const first: string[] = [];
      const retained$ = client.subscribe('state/#', { qos: 1 }).pipe(rxjs.map((message) => message.text()));
      const arrived = new Promise<void>((resolve) => {
        retained$.subscribe((value) => {
          first.push(value);
          resolve();
        });
      });
      await arrived;
      const late = await rxjs.firstValueFrom(retained$);
      await rxjs.firstValueFrom(client.publish('state/pump', '', { qos: 1, retain: true }));
      await client.end();
      return { first, late };
    }, ring.url);
    expect(result).toEqual({ first: ['on', ''], late: 'on' });
  });

  it('takes a URL relative to the page', async () => {
    const url = await testPage.page.evaluate(async () => {
      const client = rxmqtt.connect('/mqtt');
      const state = await rxjs.firstValueFrom(client.state$.pipe(rxjs.filter((now) => now.status === 'connected')));
      await client.end();
      return state.status === 'connected' ? state.url : '';
    });
    expect(url).toBe('/mqtt');
  });

  it('takes wss: for a URL relative to an https page', async () => {
    const { server } = makeCertificates();
    const secure = await startSite({ brokerPort: ring.port, tls: server });
    const context = await ring.browser.newContext({ ignoreHTTPSErrors: true });
    try {
      const page = await context.newPage();
      const sockets: string[] = [];
      page.on('websocket', (socket) => sockets.push(socket.url()));
      await page.goto(secure.url);
      await page.waitForFunction(() => typeof globalThis.rxmqtt === 'object');
      await page.evaluate(async () => {
        const client = rxmqtt.connect('/mqtt');
        await rxjs.firstValueFrom(client.state$.pipe(rxjs.filter(({ status }) => status === 'connected')));
        await client.end();
      });
      expect(sockets).toEqual([`${secure.url.replace('https', 'wss')}mqtt`]);
    } finally {
      await context.close();
      await secure.close();
    }
  });

  it('sends one binary frame for what is asked for in one tick', async () => {
    const frames: (string | Buffer)[] = [];
    testPage.page.on('websocket', (socket) => socket.on('framesent', ({ payload }) => frames.push(payload)));
    await testPage.page.evaluate(async (url) => {
      const client = rxmqtt.connect(url);
      await rxjs.firstValueFrom(client.state$.pipe(rxjs.filter(({ status }) => status === 'connected')));
      await Promise.all(
        Array.from({ length: 100 }, (_, at) => rxjs.firstValueFrom(client.publish('a', String(at), { qos: 1 }))),
      );
      await client.end();
    }, ring.url);
    // CONNECT, the hundred messages, DISCONNECT.
    expect(frames).toHaveLength(3);
    expect(frames.every((frame) => typeof frame !== 'string')).toBe(true);
  });
});
