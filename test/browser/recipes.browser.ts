import { filter, firstValueFrom, map, take } from 'rxjs';
import type { Page } from 'playwright-core';
import { createBroker, type Broker } from '../../src/broker/index.js';
import { Ring } from './support/ring.js';
import { startSite, type Site } from './support/site.js';
import { startTabs, type Tab, type Tabs } from './support/tabs.js';

describe('several-tabs.ts', () => {
  let ring: Ring;
  beforeAll(async () => {
    ring = await Ring.start();
  });
  afterAll(() => ring.stop());

  /** A tab that notes in `seen` what comes. */
  const open = (page: Page): Promise<unknown> =>
    page.evaluate(`import('/recipes/several-tabs.js').then(({ shareAmongTabs }) => {
      globalThis.shared = shareAmongTabs('${ring.url}', 'news/#');
      globalThis.reading = shared.messages$.subscribe(({ topic, payload }) =>
        seen.push(topic + ' ' + new TextDecoder().decode(payload)));
    })`);
  const sees = (page: Page, text: string): Promise<unknown> =>
    page.waitForFunction((wanted) => seen.includes(wanted), text);

  it('have one connection, and when the tab that has it is closed, another one goes on with its session', async () => {
    const { page: first, context, complaints } = await ring.page();
    const [second, third] = [await context.newPage(), await context.newPage()];
    for (const page of [second, third]) {
      await page.goto(ring.site.url);
      await page.waitForFunction(() => typeof globalThis.rxmqtt === 'object');
    }
    const connected: string[] = [];
    ring.broker.connected$.subscribe(({ clientId }) => connected.push(clientId));
    const subscribed = firstValueFrom(ring.broker.subscribed$);
    await open(first);
    await subscribed;
    await open(second);
    ring.broker.publish({ topic: 'news/sports', payload: 'one to nil', qos: 1 });
    for (const page of [first, second]) await sees(page, 'news/sports one to nil');
    // A later tab gets the newest of each topic from the one that leads.
    await open(third);
    await sees(third, 'news/sports one to nil');
    expect(await first.evaluate(() => seen)).toEqual(['news/sports one to nil']);
    await third.evaluate(`shared.publish({ topic: 'news/weather', payload: new TextEncoder().encode('sun') })`);
    for (const page of [first, second, third]) await sees(page, 'news/weather sun');
    expect(connected).toHaveLength(1);

    const again = firstValueFrom(ring.broker.connected$);
    await first.close();
    ring.broker.publish({ topic: 'news/sports', payload: 'two to nil', qos: 1 });
    await again;
    for (const page of [second, third]) await sees(page, 'news/sports two to nil');
    expect(connected).toHaveLength(2);
    expect(new Set(connected).size).toBe(1);
    expect((await firstValueFrom(ring.broker.clients$)).size).toBe(1);

    // Leaving, too, hands over; the last one ends the connection.
    const third2 = firstValueFrom(ring.broker.connected$);
    await second.evaluate('reading.unsubscribe()');
    await third2;
    ring.broker.publish({ topic: 'news/sports', payload: 'three to nil', qos: 1 });
    await sees(third, 'news/sports three to nil');
    await third.evaluate('reading.unsubscribe()');
    await firstValueFrom(ring.broker.clients$.pipe(filter(({ size }) => size === 0)));
    expect(complaints).toEqual([]);
    await context.close();
  });
});

describe('quota.ts', () => {
  let ring: Ring;
  beforeAll(async () => {
    ring = await Ring.start();
  });
  afterAll(() => ring.stop());

  /** A page that holds the client of the recipe, the broker out of reach, and how much room its site has. */
  const open = async (quotaSize: number, maxBytes = 16 * 1024 * 1024) => {
    const { page, context } = await ring.page();
    const session = await context.newCDPSession(page);
    const { origin } = new URL(ring.site.url);
    const setQuota = (size: number): Promise<unknown> =>
      session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: size });
    await setQuota(quotaSize);
    const start = (): Promise<unknown> =>
      page.evaluate(`import('/recipes/quota.js').then(({ durableIfRoom }) => {
        globalThis.clients = [];
        return durableIfRoom('${ring.url}', 'page', (client, isDurable) => clients.push({ client, isDurable }), ${maxBytes});
      })`);
    /** Settles once IndexedDB holds so many records. */
    const recorded = async (count: number): Promise<void> => {
      const counted = (): Promise<unknown> =>
        page.evaluate(`new Promise((resolve, reject) => {
          const opening = indexedDB.open('level-js-page');
          opening.onerror = () => reject(opening.error);
          opening.onsuccess = () => {
            const [name] = opening.result.objectStoreNames;
            const counting = opening.result.transaction(name).objectStore(name).count();
            counting.onsuccess = () => {
              opening.result.close();
              resolve(counting.result);
            };
          };
        })`);
      while ((await counted()) !== count) await page.evaluate(() => new Promise(requestAnimationFrame));
    };
    await ring.stopBroker();
    await start();
    return { page, context, setQuota, start, recorded };
  };

  it('goes on in memory when the browser gives it no room; what was recorded comes with the next page', async () => {
    // The bound of the outbox is out of reach: it would drop what was recorded before Chromium looks at the room.
    const { page, context, setQuota, start, recorded } = await open(4_000_000, 1_000_000_000);
    await page.evaluate(`clients[0].client.publish('queue', 'recorded', { qos: 1 }).subscribe({ error: () => {} })`);
    await recorded(1); // Other data of the site takes up the room.
    await setQuota(1);
    // Chromium looks anew now and then only; so it goes on until it is told.
    const outcome = await page.evaluate(`new Promise((resolve) => {
      const { client } = clients[0];
      const publish = () => {
        client.publish('queue', new Uint8Array(100_000), { qos: 1 }).subscribe({
          error: ({ code, cause }) => resolve([code, cause.code, cause.cause.name]),
        });
        if (client.state.status !== 'ended') requestAnimationFrame(publish);
      };
      publish();
    })`);
    expect(outcome).toEqual(['CLOSED', 'STORE', 'QuotaExceededError']);
    await page.waitForFunction('clients.length === 2');
    expect(
      await page.evaluate('clients.map(({ client, isDurable }) => [client.state.status === "ended", isDurable])'),
    ).toEqual([
      [true, true],
      [false, false],
    ]);
    await ring.restartBroker();
    const inMemory = firstValueFrom(ring.broker.published$);
    await page.evaluate(`clients[1].client.publish('queue', 'in memory', { qos: 1 }).subscribe()`);
    expect((await inMemory).message.text()).toBe('in memory');

    await setQuota(4_000_000);
    const fromDisk = firstValueFrom(ring.broker.published$);
    await page.reload();
    await page.waitForFunction(() => typeof globalThis.rxmqtt === 'object');
    await start();
    expect((await fromDisk).message.text()).toBe('recorded');
    await context.close();
    await firstValueFrom(ring.broker.clients$.pipe(filter(({ size }) => size === 0)));
  });

  it('drops the oldest messages at its bound, before the browser refuses new ones', async () => {
    const { page, context, recorded } = await open(40_000_000, 10_000_000);
    const stats = await page.evaluate(`(async () => {
      const { client } = clients[0];
      for (let number = 0; number < 150; number++) {
        const payload = new Uint8Array(100_000).fill(number);
        client.publish('queue', payload, { qos: 1 }).subscribe({ error: () => {} });
        await new Promise((resolve) => setTimeout(resolve));
      }
      return client.stats();
    })()`);
    const { outbox, dropped } = stats as {
      outbox: { messages: number; bytes: number };
      dropped: { queueFull: number };
    };
    expect(outbox.bytes).toBeLessThanOrEqual(10_000_000);
    expect(outbox.messages).toBeGreaterThan(90);
    expect(dropped.queueFull).toBe(150 - outbox.messages);
    await recorded(outbox.messages);
    expect(await page.evaluate('[clients.length, clients[0].client.state.status === "ended"]')).toEqual([1, false]);
    await context.close();
    await ring.restartBroker();
  });
});

describe('hidden-tab.ts', () => {
  let broker: Broker;
  let url: string;
  let site: Site;
  let tabs: Tabs;
  let tab: Tab;

  beforeAll(async () => {
    broker = createBroker({ listeners: ['ws://127.0.0.1:0/mqtt'] });
    [url = ''] = await broker.listening;
    site = await startSite();
    tabs = await startTabs();
  });
  afterAll(async () => {
    await tabs.stop();
    await site.close();
    await broker.close();
  });

  beforeEach(async () => {
    tab = await tabs.open(site.url);
  });
  afterEach(() => tab.evaluate('client.end()'));

  const until = (condition: string): Promise<unknown> =>
    tab.evaluate(`rxjs.firstValueFrom(rxjs.interval(20).pipe(rxjs.filter(() => ${condition}), rxjs.map(() => true)))`);

  it('is subscribed to nothing while it is hidden, and has the newest value again when it is shown', async () => {
    const subscribed = firstValueFrom(broker.subscribed$);
    await tab.evaluate(`import('/recipes/hidden-tab.js').then(({ whileVisible }) => {
      client = rxmqtt.connect('${url}');
      whileVisible(client.subscribe('price')).subscribe((message) => seen.push(message.text()));
    })`);
    await subscribed;
    broker.publish({ topic: 'price', payload: '1', retain: true });
    await until(`seen.length === 1`);
    await tab.hide();
    await until(`client.stats().packets.in === 4`); // CONNACK, SUBACK, PUBLISH, UNSUBACK
    for (let price = 2; price <= 1000; price++) broker.publish({ topic: 'price', payload: `${price}`, retain: true });
    const again = firstValueFrom(broker.subscribed$);
    expect(await tab.evaluate(`rxjs.firstValueFrom(client.ping()).then(() => client.stats().packets.in)`)).toBe(5);
    await tab.show();
    await again;
    await until(`seen.length === 2`);
    expect(await tab.evaluate('seen')).toEqual(['1', '1000']);
  });

  it('holds no more than Receive Maximum while it is hidden; the broker has the rest, and nothing is lost', async () => {
    const subscribed = firstValueFrom(broker.subscribed$);
    await tab.evaluate(`import('/recipes/hidden-tab.js').then(({ onceVisible }) => {
      const session = { clientId: 'tab', clean: false, sessionExpiry: 600 };
      client = rxmqtt.connect('${url}', { ...session, properties: { receiveMaximum: 10 } });
      onceVisible(client, 'orders').subscribe((message) => seen.push(message.text()));
    })`);
    await subscribed;
    await tab.hide();
    for (let order = 1; order <= 1000; order++) broker.publish({ topic: 'orders', payload: `${order}`, qos: 1 });
    await until(`client.stats().held === 10`);
    const waiting$ = broker.sessions$.pipe(map((sessions) => sessions.get('tab')?.queuedMessages));
    expect(await firstValueFrom(waiting$.pipe(filter((queued) => queued === 990)))).toBe(990);
    expect(await tab.evaluate('[seen.length, client.stats().held]')).toEqual([0, 10]);
    await tab.show();
    await until(`seen.length === 1000`);
    expect(await tab.evaluate('seen')).toEqual(Array.from({ length: 1000 }, (_, at) => `${at + 1}`));
  });

  it('holds nothing while it is frozen: its connection goes, and its session waits at the broker', async () => {
    const subscribed = firstValueFrom(broker.subscribed$);
    await tab.evaluate(`(() => {
      client = rxmqtt.connect('${url}', { clientId: 'frozen', clean: false, sessionExpiry: 600, keepalive: 3 });
      client.subscribe('orders', { qos: 1 }).subscribe((message) => seen.push(message.text()));
    })()`);
    await subscribed;
    await tab.hide();
    const lost = firstValueFrom(broker.disconnected$);
    await tab.freeze();
    await lost;
    for (let order = 1; order <= 1000; order++) broker.publish({ topic: 'orders', payload: `${order}`, qos: 1 });
    const sessions = await firstValueFrom(broker.sessions$.pipe(take(1)));
    expect(sessions.get('frozen')).toMatchObject({ connected: false, queuedMessages: 1000 });
    await tab.thaw();
    await until(`seen.length === 1000`);
  });
});
