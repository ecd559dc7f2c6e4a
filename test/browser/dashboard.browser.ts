import type { Page } from 'playwright-core';
import { filter, firstValueFrom } from 'rxjs';
import { connect, type MqttClient } from '../../src/index.js';
import { type DashboardPage, DashboardRing, type Size, SIZES } from './support/dashboard.js';

describe('the Angular dashboard', () => {
  let ring: DashboardRing;
  let dashboard: DashboardPage;
  let page: Page;

  beforeAll(async () => {
    ring = await DashboardRing.start();
  });
  afterAll(() => ring.stop());
  afterEach(async () => {
    expect(await ring.closePages()).toEqual([]);
    await ring.server.startBroker();
  });

  async function open(path: string, size: Size = 'desktop'): Promise<void> {
    dashboard = await ring.open(path, { size, scheme: size === 'phone' ? 'dark' : 'light' });
    ({ page } = dashboard);
  }

  it.each(['desktop', 'phone'] as const)(
    'shows devices, their retained state and live values on a %s',
    async (size) => {
      await open('/', size);
      await dashboard.card('Tunnel oven').getByText('running').waitFor();
      await dashboard.card('Tank 3').getByText('fault').waitFor();
      expect(await page.locator('.card').count()).toBe(8);
      const value = await dashboard.card('Boiler 1').locator('.value').elementHandle();
      await page.waitForFunction((element) => /\d/.test(element.textContent ?? ''), value);
      const first = await value.textContent();
      await page.waitForFunction(([element, text]) => element.textContent !== text, [value, first] as const);
      await page.waitForFunction(() => document.querySelectorAll('.card canvas').length === 8);
      expect(await dashboard.overflow()).toBe(0);
      await dashboard.picture(`devices-${size}`);
    },
  );

  it.each(['desktop', 'phone'] as const)('publishes a set point and shows it acknowledged on a %s', async (size) => {
    await open('/devices/oven', size);
    const commanded = firstValueFrom(
      ring.server.broker!.published$.pipe(filter(({ message }) => message.topic === 'plant/oven/set')),
    );
    const setPoint = size === 'desktop' ? '230' : '200';
    await page.locator('#set-point').fill(setPoint);
    await page.getByRole('button', { name: 'Send' }).click();
    await page.getByText(`${setPoint} °C acknowledged`).waitFor();
    await page.getByText(`Now ${setPoint} °C`).waitFor();
    expect((await commanded).message.qos).toBe(1);
    await dashboard.picture(`device-${size}`);
  });

  it('tells that the broker is gone, counts down, keeps what is sent, and sends it when the broker is back', async () => {
    await open('/devices/boiler-1');
    await page.getByText('72 °C').first().waitFor();
    await ring.server.stopBroker();
    await dashboard.badge('Offline').waitFor();
    await dashboard.alert.waitFor();
    await page.locator('#set-point').fill('75');
    await page.getByRole('button', { name: 'Send' }).click();
    await page.getByText('75 °C pending').waitFor();
    await page.getByText('1 command waits').waitFor();
    await countsDown();
    await dashboard.picture('offline-desktop');
    await page.setViewportSize(SIZES.phone);
    expect(await dashboard.overflow()).toBe(0);
    await dashboard.picture('offline-phone');
    // Before the broker is back: after that, the page may have found it by itself already, and the button is gone.
    expect(await openedByRetry()).toBe(1);
    await ring.server.startBroker();
    await dashboard.badge('Online').waitFor();
    await page.getByText('75 °C acknowledged').waitFor();
    await dashboard.alert.waitFor({ state: 'detached' });
  });

  /** Both are looked at in the page, at each of its pictures: a second may pass before a test has read the first one. */
  async function countsDown(): Promise<void> {
    await page.evaluate(
      () =>
        new Promise<void>((resolve) => {
          let last = 0;
          const look = (): void => {
            const now = Number.parseInt(document.querySelector('.countdown')?.textContent ?? '', 10);
            if (last >= 2 && now === last - 1) return resolve();
            last = now;
            requestAnimationFrame(look);
          };
          look();
        }),
    );
  }

  /** Sockets that the page opens on a click on `Retry now` while more than a second is left until its own attempt. */
  function openedByRetry(): Promise<number> {
    return page.evaluate(
      () =>
        new Promise<number>((resolve) => {
          let opened = 0;
          const Native = globalThis.WebSocket;
          globalThis.WebSocket = class extends Native {
            constructor(...args: ConstructorParameters<typeof Native>) {
              super(...args);
              opened++;
            }
          };
          const look = (): void => {
            const seconds = Number.parseInt(document.querySelector('.countdown')?.textContent ?? '', 10);
            if (!(seconds >= 2)) return void requestAnimationFrame(look);
            opened = 0;
            document.querySelector<HTMLElement>('app-offline-banner button')?.click();
            // Less than the next attempt waits for.
            setTimeout(() => {
              globalThis.WebSocket = Native;
              resolve(opened);
            }, 100);
          };
          look();
        }),
    );
  }

  it('switches subscriptions with the filter box, and shows a filter that is no good', async () => {
    await open('/traffic');
    await page.locator('li', { hasText: 'plant/oven/value' }).first().waitFor();
    expect(dashboard.asked(8, 'plant/+/value')).toBe(true);
    await dashboard.picture('traffic-desktop');
    await page.locator('#filter').fill('plant/oven/#');
    await page.locator('li', { hasText: 'plant/oven/state' }).waitFor();
    expect([dashboard.asked(8, 'plant/oven/#'), dashboard.asked(10, 'plant/+/value')]).toEqual([true, true]);
    expect(await page.locator('li', { hasText: 'boiler' }).count()).toBe(0);
    await page.locator('#filter').fill('plant/#/state');
    await dashboard.alert.waitFor();
    await page.locator('#filter').fill('plant/+/info');
    await page.locator('li', { hasText: 'plant/mixer/info' }).waitFor();
    expect(dashboard.asked(8, 'plant/+/info')).toBe(true);
  });

  it('leaves no subscription behind when the route changes', async () => {
    await open('/');
    await dashboard.card('Boiler 1').click();
    await page.locator('#set-point').waitFor();
    await page.getByRole('link', { name: 'Traffic' }).click();
    await page.locator('li', { hasText: 'plant/oven/value' }).first().waitFor();
    for (const topicFilter of ['plant/+/state', 'plant/+/info', 'plant/boiler-1/state', 'plant/boiler-1/value']) {
      expect([topicFilter, dashboard.asked(8, topicFilter), dashboard.asked(10, topicFilter)]).toEqual([
        topicFilter,
        true,
        true,
      ]);
    }
  });

  it('reaches other clients of the broker', async () => {
    const other: MqttClient = connect(ring.server.url.replace('http', 'ws') + '/mqtt');
    await open('/traffic');
    const subscribed = firstValueFrom(
      ring.server.broker!.subscribed$.pipe(filter((event) => event.filter === 'notes')),
    );
    await page.locator('#filter').fill('notes');
    await subscribed;
    await firstValueFrom(other.publish('notes', 'from outside', { qos: 1, retain: true }));
    await page.getByText('from outside').waitFor();
    await other.end();
  });

  it('shows faults first, and what is offline, with the reason and larger than the rest', async () => {
    await open('/');
    const names = page.locator('.card h3');
    const first = dashboard.card('Tank 3');
    await first.getByText('The outlet valve does not close.').waitFor();
    // What the broker retains comes in several pictures, and a device may be the last one to connect.
    await page.getByText('1 fault · 6 running · 1 standby', { exact: true }).waitFor();
    expect(await names.first().innerText()).toBe('Tank 3');
    const [urgent, other] = [await first.boundingBox(), await dashboard.card('Boiler 1').boundingBox()];
    expect(urgent!.y).toBeLessThan(other!.y);
    expect(urgent!.width).toBeGreaterThan(2 * other!.width);
    // A device that is switched off before this page has a value of it shows none, and no time.
    await dashboard.card('Chiller').getByText('live').waitFor();
    await ring.server.plant.toggle('chiller');
    await dashboard.card('Chiller').getByText('The device has lost its connection.').waitFor();
    expect((await names.allInnerTexts()).slice(0, 2)).toEqual(['Tank 3', 'Chiller']);
    await dashboard
      .card('Chiller')
      .getByText(/as of \d\d:\d\d:\d\d/)
      .waitFor();
    await dashboard.card('Tank 3').getByText('live').waitFor();
    await dashboard.picture('device-offline-desktop');
    await ring.server.plant.toggle('chiller');
    await dashboard.card('Chiller').getByText('live').waitFor();
    expect((await names.allInnerTexts()).slice(0, 2)).toEqual(['Tank 3', 'Boiler 1']);
  });

  it('shows the scale of each spark line: its highest and lowest value, and its time', async () => {
    await open('/');
    await page.waitForFunction(
      () =>
        [...document.querySelectorAll('.card .high')].filter((one) => /\d/.test(one.textContent ?? '')).length === 8,
    );
    const cards = await page.locator('.card').evaluateAll((all) =>
      all.map((card) => {
        const text = (selector: string): string => card.querySelector(selector)?.textContent?.trim() ?? '';
        return {
          value: Number.parseFloat(text('.value')),
          low: Number.parseFloat(text('.low')),
          high: Number.parseFloat(text('.high')),
          time: `${text('.from')} to ${text('.to')}`,
          label: card.querySelector('[role=img]')?.getAttribute('aria-label') ?? '',
        };
      }),
    );
    expect(cards).toHaveLength(8);
    for (const { value, low, high, time, label } of cards) {
      expect(low).toBeLessThan(high);
      expect(value).toBeGreaterThanOrEqual(low);
      expect(value).toBeLessThanOrEqual(high);
      expect(time).toBe('60 s ago to now');
      expect(label).toMatch(/^[A-Z][\w ]+ between [\d.]+ and [\d.]+ in the last 60 s$/);
    }
  });

  it('shows the rate of the traffic, and which of the common filters is chosen', async () => {
    await open('/traffic');
    const pressed = page.locator('.chips [aria-pressed=true]');
    expect(await pressed.allInnerTexts()).toEqual(['plant/+/value']);
    // 8 devices, 2 values a second each.
    await page.waitForFunction(() => {
      const rate = Number.parseFloat(document.querySelector('.rate')?.textContent ?? '');
      return rate > 12 && rate < 20;
    });
    await page.getByRole('button', { name: 'plant/+/state' }).click();
    await page.locator('li', { hasText: 'plant/tank-3/state' }).waitFor();
    expect(await pressed.allInnerTexts()).toEqual(['plant/+/state']);
    // Retained messages are no traffic.
    await page.getByText('0.0 messages/s').waitFor();
    await page.locator('#filter').fill('plant/oven/value');
    await page.locator('li', { hasText: 'plant/oven/value' }).first().waitFor();
    expect(await pressed.count()).toBe(0);
  });

  it('pauses the traffic: the rows stay, what comes is counted, and then it goes on', async () => {
    await open('/traffic');
    await page.locator('li', { hasText: 'plant/oven/value' }).first().waitFor();
    const pause = page.getByRole('button', { name: 'Pause' });
    await pause.click();
    await page.getByText(/Paused: \d+ more since/).waitFor();
    expect(await pause.getAttribute('aria-pressed')).toBe('true');
    const rows = (): Promise<string> => page.locator('ol').innerText();
    const held = await rows();
    await page.waitForFunction(() => {
      return Number(/Paused: (\d+)/.exec(document.querySelector('.tools')?.textContent ?? '')?.[1]) >= 20;
    });
    expect(await rows()).toBe(held);
    await pause.click();
    await page.getByText('Paused').waitFor({ state: 'detached' });
    await page.waitForFunction((before) => document.querySelector('ol')?.innerText !== before, held);
  });

  it('wraps errors, however long they are', async () => {
    await open('/traffic', 'phone');
    await page.locator('#filter').fill(`${'x'.repeat(400)}#`);
    await dashboard.alert.waitFor();
    const { x, width } = (await dashboard.alert.boundingBox())!;
    expect(x + width).toBeLessThanOrEqual(SIZES.phone.width);
    expect(await dashboard.alert.evaluate((one) => one.scrollWidth - one.clientWidth)).toBe(0);
    expect(await dashboard.overflow()).toBe(0);
    await dashboard.picture('error-phone');
  });

  it('says so when the address names no device', async () => {
    await open('/devices/%2B', 'phone');
    await page.getByText('No device has such a name.').waitFor();
    expect(dashboard.asked(8, 'plant/+/value')).toBe(false);
  });
});
