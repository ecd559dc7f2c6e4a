import { firstValueFrom, skip, take } from 'rxjs';
import type { TestPage } from './support/ring.js';
import { Ring } from './support/ring.js';

/** ms in which what happens "at once" has to have happened, on a machine that is busy; every backoff here is longer. */
const AT_ONCE = 5000;

describe('a page that loses its broker, its network or its time', () => {
  let ring: Ring;
  let testPage: TestPage;

  beforeAll(async () => {
    ring = await Ring.start();
  });
  afterAll(() => ring.stop());
  afterEach(async () => {
    expect(testPage.complaints).toEqual([]);
    await testPage.context.close();
  });

  /** A client that stays in the page as `client`, connected; its states and messages are noted in `seen`. */
  async function connected(options: { keepalive?: number; delay?: number }): Promise<void> {
    await testPage.page.evaluate(
      async ([url, { keepalive = 60, delay = 50 }]) => {
        const reconnect = { minDelay: delay, maxDelay: delay, jitter: 'none' } as const;
        globalThis.client = rxmqtt.connect(url, { keepalive, reconnect });
        client.state$.subscribe(({ status }) => seen.push(status));
        client.subscribe('news', { qos: 1 }).subscribe((message) => seen.push(message.text()));
        const active$ = client.subscriptions$.pipe(rxjs.filter((all) => all.get('news')?.status === 'active'));
        await rxjs.firstValueFrom(active$);
        seen.length = 0;
      },
      [ring.url, options] as const,
    );
  }

  const status = (wanted: string): Promise<unknown> =>
    testPage.page.waitForFunction((name) => client.state.status === name, wanted, { timeout: AT_ONCE });
  const noted = (): Promise<string[]> => testPage.page.evaluate(() => seen);

  it('reconnects and subscribes anew when the broker has restarted', async () => {
    testPage = await ring.page();
    await connected({});
    await ring.stopBroker();
    await status('reconnecting');
    await ring.restartBroker();
    await firstValueFrom(ring.broker.subscribed$);
    ring.broker.publish({ topic: 'news', payload: 'after the restart', qos: 1 });
    await testPage.page.waitForFunction(() => seen.includes('after the restart'));
    expect((await noted()).at(-2)).toBe('connected');
  });

  it('delivers what was published while the broker was away', async () => {
    testPage = await ring.page();
    await connected({});
    await ring.stopBroker();
    await status('reconnecting');
    const settled = testPage.page.evaluate(async () => {
      const receipts$ = rxjs.from(['1', '2', '3']).pipe(rxjs.concatMap((n) => client.publish('queue', n, { qos: 1 })));
      return (await rxjs.firstValueFrom(receipts$.pipe(rxjs.toArray()))).length;
    });
    await ring.restartBroker();
    const published = firstValueFrom(ring.broker.published$.pipe(skip(2), take(1)));
    expect(await settled).toBe(3);
    expect((await published).message.topic).toBe('queue');
  });

  it('tries again at once when the network is back, however long the backoff', async () => {
    testPage = await ring.page();
    await connected({ delay: 600_000 });
    await testPage.context.setOffline(true);
    ring.broker.dropConnections();
    await status('reconnecting');
    const again = firstValueFrom(ring.broker.connected$);
    await testPage.context.setOffline(false);
    await again;
    await status('connected');
  });

  it('finds out at once that the broker has given it up while the machine slept, and reconnects', async () => {
    testPage = await ring.page((page) => page.clock.install());
    await connected({ keepalive: 60, delay: 10 });
    const again = firstValueFrom(ring.broker.connected$);
    await testPage.page.clock.fastForward(10 * 60_000);
    await testPage.page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
    await testPage.page.clock.runFor(1000);
    await again;
    await status('connected');
    expect((await noted()).slice(0, 2)).toEqual(['reconnecting', 'connecting']);
  });

  it('asks a line that may be dead with a ping when the page is shown again, and keeps one that answers', async () => {
    testPage = await ring.page();
    await connected({});
    const commands = await testPage.page.evaluate(async () => {
      const pings = rxjs.firstValueFrom(
        client.packets$.pipe(
          rxjs.filter(({ packet }) => packet.cmd.startsWith('ping')),
          rxjs.map(({ direction, packet }) => `${direction} ${packet.cmd}`),
          rxjs.take(2),
          rxjs.toArray(),
        ),
      );
      window.dispatchEvent(new Event('pageshow'));
      return pings;
    });
    expect(commands).toEqual(['out pingreq', 'in pingresp']);
    expect(await noted()).toEqual([]);
  });

  it('spends no retry on its wake-ups, which begin the backoff anew', async () => {
    testPage = await ring.page();
    await testPage.page.evaluate(async (url) => {
      const reconnect = { minDelay: 200, jitter: 'none', maxAttempts: 6 } as const;
      globalThis.client = rxmqtt.connect(url, { reconnect });
      await rxjs.firstValueFrom(client.connected$);
      client.state$.subscribe((state) =>
        seen.push(
          state.status === 'reconnecting' ? `${state.status} ${state.attempt} in ${state.delay}` : state.status,
        ),
      );
      seen.length = 0;
    }, ring.url);
    await ring.stopBroker();
    await status('reconnecting');
    for (let tab = 1; tab <= 5; tab++) {
      // In the page, so that no further retry is spent before it is told.
      await testPage.page.evaluate(async () => {
        // Three or four of the six retries are spent.
        const late$ = client.state$.pipe(
          rxjs.filter((state) => state.status === 'reconnecting' && state.delay === 1600),
        );
        await rxjs.firstValueFrom(late$);
        seen.length = 0;
        document.dispatchEvent(new Event('visibilitychange'));
        window.dispatchEvent(new Event('online'));
        window.dispatchEvent(new Event('pageshow'));
      });
    }
    // One attempt for each, and then the backoff from its beginning.
    await testPage.page.waitForFunction(() => seen.includes('reconnecting 3 in 400'));
    expect((await noted()).slice(0, 4)).toEqual([
      'connecting',
      'reconnecting 2 in 200',
      'connecting',
      'reconnecting 3 in 400',
    ]);
    await ring.restartBroker();
    await testPage.page.evaluate(() => window.dispatchEvent(new Event('online')));
    await status('connected');
  });

  it('shows a connection that is lost after a wake-up with its reason, and dials at once', async () => {
    testPage = await ring.page();
    await connected({ delay: 600_000 });
    const states = testPage.page.evaluate(() =>
      rxjs.firstValueFrom(
        client.state$.pipe(
          rxjs.skip(1),
          rxjs.take(3),
          rxjs.map((state) =>
            state.status === 'reconnecting' ? [state.status, state.delay, state.reason.code] : [state.status],
          ),
          rxjs.toArray(),
        ),
      ),
    );
    await testPage.page.evaluate(() => window.dispatchEvent(new Event('pageshow')));
    ring.broker.dropConnections();
    const [lost, ...then] = await states;
    expect(lost).toEqual(['reconnecting', 0, expect.any(String)]);
    expect(then).toEqual([['connecting'], ['connected']]);
  });

  it('leaves no listener behind after end()', async () => {
    testPage = await ring.page((page) =>
      page.addInitScript(() => {
        const count = { listeners: 0 };
        const watched = ['online', 'offline', 'pageshow', 'visibilitychange', 'resume'];
        const { addEventListener, removeEventListener } = EventTarget.prototype;
        EventTarget.prototype.addEventListener = function (this: EventTarget, ...args) {
          if (watched.includes(args[0])) count.listeners++;
          addEventListener.apply(this, args);
        };
        EventTarget.prototype.removeEventListener = function (this: EventTarget, ...args) {
          if (watched.includes(args[0])) count.listeners--;
          removeEventListener.apply(this, args);
        };
        Object.assign(globalThis, { count });
      }),
    );
    const listeners = (): Promise<number> =>
      testPage.page.evaluate(() => (globalThis as unknown as { count: { listeners: number } }).count.listeners);
    const before = await listeners();
    await connected({});
    expect(await listeners()).toBeGreaterThan(before);
    await testPage.page.evaluate(() => client.end());
    expect(await listeners()).toBe(before);
  });
});
