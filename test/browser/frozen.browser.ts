import { filter, firstValueFrom } from 'rxjs';
import { createBroker, type Broker } from '../../src/broker/index.js';
import { startSite, type Site } from './support/site.js';
import { startTabs, type Tab, type Tabs } from './support/tabs.js';

describe('a tab in the background', () => {
  let broker: Broker;
  let site: Site;
  let tabs: Tabs;
  let tab: Tab;

  beforeAll(async () => {
    broker = createBroker({ listeners: ['ws://127.0.0.1:0/mqtt'] });
    site = await startSite();
    tabs = await startTabs();
  });
  afterAll(async () => {
    await tabs.stop();
    await site.close();
    await broker.close();
  });

  /** A client that subscribes to `news`, notes messages and states in `seen`, and pings every `keepalive` seconds. */
  beforeEach(async () => {
    const [url] = await broker.listening;
    tab = await tabs.open(site.url);
    const subscribed = firstValueFrom(broker.subscribed$);
    await tab.evaluate(`(() => {
      client = rxmqtt.connect('${url}', { keepalive: 3, reconnect: { minDelay: 10, maxDelay: 10, jitter: 'none' } });
      client.subscribe('news').subscribe((message) => seen.push(message.text()));
      client.state$.subscribe(({ status }) => seen.push(status));
    })()`);
    await subscribed;
  });
  afterEach(() => tab.evaluate('client.end()'));

  it('stays connected while it is hidden, its timers throttled', async () => {
    await tab.hide();
    const pings = tab.evaluate(`rxjs.firstValueFrom(client.packets$.pipe(
      rxjs.filter(({ packet }) => packet.cmd === 'pingresp'), rxjs.take(3), rxjs.count()))`);
    expect(await pings).toBe(3);
    expect(await tab.evaluate('[document.visibilityState, client.state.status]')).toEqual(['hidden', 'connected']);
    expect(await tab.evaluate('seen')).not.toContain('reconnecting');
  });

  it('is given up by the broker while it is frozen, and is back as soon as it is thawed', async () => {
    await tab.hide();
    const lost = firstValueFrom(broker.disconnected$);
    await tab.freeze();
    await lost;
    const again = firstValueFrom(broker.subscribed$.pipe(filter(({ filter: topic }) => topic === 'news')));
    await tab.thaw();
    await again;
    broker.publish({ topic: 'news', payload: 'good morning' });
    await tab.evaluate(`rxjs.firstValueFrom(rxjs.interval(20).pipe(rxjs.filter(() => seen.includes('good morning'))))`);
    expect(await tab.evaluate('document.visibilityState')).toBe('hidden');
  });

  it('gets what its session kept for it while it was frozen', async () => {
    await tab.evaluate('client.end()');
    const [url] = await broker.listening;
    const subscribed = firstValueFrom(broker.subscribed$);
    await tab.evaluate(`(() => {
      seen.length = 0;
      const reconnect = { minDelay: 600_000, maxDelay: 600_000 };
      client = rxmqtt.connect('${url}', { clientId: 'sleeper', clean: false, sessionExpiry: 600, reconnect });
      client.subscribe('news', { qos: 1 }).subscribe((message) => seen.push(message.text()));
    })()`);
    await subscribed;
    await tab.hide();
    // Chromium takes the sockets of a tab away that it freezes, and says so when the tab is thawed.
    await tab.freeze();
    broker.publish({ topic: 'news', payload: 'while you slept', qos: 1 });
    await tab.thaw();
    await tab.evaluate(
      `rxjs.firstValueFrom(rxjs.interval(20).pipe(rxjs.filter(() => seen.includes('while you slept'))))`,
    );
  });
});
