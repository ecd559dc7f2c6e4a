import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { filter, firstValueFrom } from 'rxjs';
import { type DashboardServer, startDashboard } from '../../examples/angular/server/dashboard-server.js';
import { connect, type MqttClient } from '../../src/index.js';
import { startChromium } from './support/chromium.js';

const root = join(__dirname, '../..');
const pictures = join(root, 'artifacts/screenshots');
const SIZES = { desktop: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } } as const;

/** The application must have been built: `npm run test:browser` does that. */
describe('the Angular dashboard', () => {
  let browser: Browser;
  let dashboard: DashboardServer;
  let page: Page;
  let complaints: string[];
  /** What the page sends, by the first half byte of each frame. */
  let sent: Buffer[];

  beforeAll(async () => {
    mkdirSync(pictures, { recursive: true });
    const folder = join(root, 'examples/angular/dist/dashboard/browser');
    [browser, dashboard] = await Promise.all([startChromium(), startDashboard({ folder, port: 0 })]);
  });
  afterAll(async () => {
    await browser.close();
    await dashboard.close();
  });

  async function open(path: string, size: keyof typeof SIZES = 'desktop'): Promise<void> {
    const context = await browser.newContext({
      viewport: SIZES[size],
      colorScheme: size === 'phone' ? 'dark' : 'light',
    });
    page = await context.newPage();
    complaints = [];
    sent = [];
    page.on('pageerror', ({ message }) => complaints.push(message));
    page.on('console', (entry) => {
      const ofTheSocket = entry.text().startsWith('WebSocket connection to ');
      if (['error', 'warning'].includes(entry.type()) && !ofTheSocket) complaints.push(entry.text());
    });
    page.on('websocket', (socket) =>
      socket.on('framesent', ({ payload }) => {
        if (typeof payload !== 'string') sent.push(payload);
      }),
    );
    await page.goto(dashboard.url + path);
    await badge('Online').waitFor();
  }
  afterEach(async () => {
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  const badge = (text: string): ReturnType<Page['locator']> => page.locator('.badge', { hasText: text });
  const picture = async (name: string): Promise<void> => {
    await page.screenshot({ path: join(pictures, `${name}.png`) });
  };
  /** Pixels by which the page is wider than the screen. */
  const overflow = (): Promise<number> =>
    page.evaluate(() => Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth));
  const card = (name: string): ReturnType<Page['locator']> => page.locator('.card', { hasText: name });
  /** The filters of the SUBSCRIBE (8) or UNSUBSCRIBE (10) packets that were sent, as far as they are in the frames. */
  const asked = (packet: 8 | 10, topicFilter: string): boolean =>
    sent.some((frame) => packetsOf(frame).some((one) => one[0]! >> 4 === packet && one.includes(topicFilter)));

  it.each(['desktop', 'phone'] as const)(
    'shows devices, their retained state and live values on a %s',
    async (size) => {
      await open('/', size);
      await card('Tunnel oven').getByText('running').waitFor();
      await card('Tank 3').getByText('fault').waitFor();
      expect(await page.locator('.card').count()).toBe(8);
      const value = (): Promise<string> => card('Boiler 1').locator('.value').innerText();
      const first = await value();
      await page.waitForFunction(
        (before) => document.querySelector('.card .value')?.textContent.replace(/\s+/g, ' ').trim() !== before,
        first.replace(/\s+/g, ' ').trim(),
      );
      await page.waitForFunction(() => document.querySelectorAll('.card canvas').length === 8);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(overflow).toBeLessThanOrEqual(0);
      await picture(`devices-${size}`);
    },
  );

  it.each(['desktop', 'phone'] as const)('publishes a set point and shows it acknowledged on a %s', async (size) => {
    await open('/devices/oven', size);
    const commanded = firstValueFrom(
      dashboard.broker!.published$.pipe(filter(({ message }) => message.topic === 'plant/oven/set')),
    );
    const setPoint = size === 'desktop' ? '230' : '200';
    await page.locator('#set-point').fill(setPoint);
    await page.getByRole('button', { name: 'Send' }).click();
    await page.getByText(`${setPoint} °C acknowledged`).waitFor();
    await page.getByText(`Now ${setPoint} °C`).waitFor();
    expect((await commanded).message.qos).toBe(1);
    await picture(`device-${size}`);
  });

  it('tells that the broker is gone, counts down, keeps what is sent, and sends it when the broker is back', async () => {
    await open('/devices/boiler-1');
    await page.getByText('72 °C').first().waitFor();
    await dashboard.stopBroker();
    await badge('Offline').waitFor();
    await page.getByRole('alert').waitFor();
    const countdown = page.locator('.countdown');
    const seconds = async (): Promise<number> => Number.parseInt(await countdown.innerText(), 10);
    await page.locator('#set-point').fill('75');
    await page.getByRole('button', { name: 'Send' }).click();
    await page.getByText('75 °C pending').waitFor();
    await page.getByText('1 command waits').waitFor();
    await page.waitForFunction(() => Number.parseInt(document.querySelector('.countdown')?.textContent ?? '', 10) >= 2);
    const before = await seconds();
    await page.waitForFunction(
      (then) => Number.parseInt(document.querySelector('.countdown')?.textContent ?? '99', 10) < then,
      before,
    );
    await picture('offline-desktop');
    await page.setViewportSize(SIZES.phone);
    expect(await overflow()).toBe(0);
    await picture('offline-phone');
    await dashboard.startBroker();
    await page.getByRole('button', { name: 'Retry now' }).click();
    await badge('Online').waitFor();
    await page.getByText('75 °C acknowledged').waitFor();
    await page.getByRole('alert').waitFor({ state: 'detached' });
  });

  it('switches subscriptions with the filter box, and shows a filter that is no good', async () => {
    await open('/traffic');
    await page.locator('li', { hasText: 'plant/oven/value' }).first().waitFor();
    expect(asked(8, 'plant/+/value')).toBe(true);
    await picture('traffic-desktop');
    await page.locator('#filter').fill('plant/oven/#');
    await page.locator('li', { hasText: 'plant/oven/state' }).waitFor();
    expect([asked(8, 'plant/oven/#'), asked(10, 'plant/+/value')]).toEqual([true, true]);
    expect(await page.locator('li', { hasText: 'boiler' }).count()).toBe(0);
    await page.locator('#filter').fill('plant/#/state');
    await page.getByRole('alert').waitFor();
    await page.locator('#filter').fill('plant/+/info');
    await page.locator('li', { hasText: 'plant/mixer/info' }).waitFor();
    expect(asked(8, 'plant/+/info')).toBe(true);
  });

  it('leaves no subscription behind when the route changes', async () => {
    await open('/');
    await card('Boiler 1').click();
    await page.locator('#set-point').waitFor();
    await page.getByRole('link', { name: 'Traffic' }).click();
    await page.locator('li', { hasText: 'plant/oven/value' }).first().waitFor();
    for (const topicFilter of ['plant/+/state', 'plant/+/info', 'plant/boiler-1/state', 'plant/boiler-1/value']) {
      expect([topicFilter, asked(8, topicFilter), asked(10, topicFilter)]).toEqual([topicFilter, true, true]);
    }
  });

  it('reaches other clients of the broker', async () => {
    const other: MqttClient = connect(dashboard.url.replace('http', 'ws') + '/mqtt');
    await open('/traffic');
    const subscribed = firstValueFrom(dashboard.broker!.subscribed$.pipe(filter((event) => event.filter === 'notes')));
    await page.locator('#filter').fill('notes');
    await subscribed;
    await firstValueFrom(other.publish('notes', 'from outside', { qos: 1, retain: true }));
    await page.getByText('from outside').waitFor();
    await other.end();
  });
});

/** The packets of one frame; a frame holds whole ones. */
function packetsOf(frame: Buffer): Buffer[] {
  const packets: Buffer[] = [];
  for (let at = 0; at < frame.length;) {
    let length = 0;
    let digits = 0;
    let byte: number;
    do {
      byte = frame[at + 1 + digits]!;
      length |= (byte & 0x7f) << (7 * digits++);
    } while (byte >= 0x80);
    const end = at + 1 + digits + length;
    packets.push(frame.subarray(at, end));
    at = end;
  }
  return packets;
}
