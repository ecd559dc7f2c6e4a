import { type DashboardPage, DashboardRing, type Look, packetsOf, SIZES } from './support/dashboard.js';

const ROUTES = { overview: '/', device: '/devices/tank-3', traffic: '/traffic' } as const;
const LOOKS = (['desktop', 'phone'] as const).flatMap((size) =>
  (['light', 'dark'] as const).map((scheme) => ({ size, scheme })),
);

/** All pages, on a desktop and on a phone, light and dark, in each state of the connection. */
describe('axe-core finds nothing wrong in the Angular dashboard', () => {
  let ring: DashboardRing;

  beforeAll(async () => {
    ring = await DashboardRing.start();
  });
  afterAll(() => ring.stop());
  afterEach(async () => {
    expect(await ring.closePages()).toEqual([]);
    await ring.server.startBroker();
  });

  type Opened = readonly [name: string, page: DashboardPage];

  async function openAll(look: Look): Promise<Opened[]> {
    const opened: Opened[] = [];
    for (const [name, path] of Object.entries(ROUTES)) opened.push([name, await ring.open(path, look)]);
    return opened;
  }
  const badges = (pages: readonly Opened[], text: string): Promise<unknown> =>
    Promise.all(pages.map(([, dashboard]) => dashboard.badge(text).waitFor()));

  async function expectNoProblems(state: string, pages: readonly Opened[], { size, scheme }: Look): Promise<void> {
    const problems: string[] = [];
    for (const [name, dashboard] of pages) {
      await dashboard.picture(`${state}-${name}-${size}-${scheme}`);
      problems.push(...(await dashboard.accessibilityProblems()).map((problem) => `${name}: ${problem}`));
      if ((await dashboard.overflow()) > 0) problems.push(`${name}: wider than the screen`);
    }
    expect({ state, problems }).toEqual({ state, problems: [] });
  }

  describe.each(LOOKS)('$scheme, on a $size', (look) => {
    it('while it is connected, during an outage, and after it', async () => {
      const pages = await openAll(look);
      await pages[0]![1].card('Boiler 1').getByText('live').waitFor();
      await expectNoProblems('connected', pages, look);
      await ring.server.stopBroker();
      await badges(pages, 'Offline');
      await expectNoProblems('outage', pages, look);
      await ring.server.startBroker();
      await badges(pages, 'Online');
      await pages[0]![1].card('Boiler 1').getByText('live').waitFor();
      await expectNoProblems('after', pages, look);
    });

    it('on a cold start without the broker', async () => {
      await ring.server.stopBroker();
      const pages = await openAll({ ...look, badge: 'Offline' });
      await expectNoProblems('cold-start', pages, look);
    });
  });

  it('what the keyboard reaches during an outage is seen, and not under the banner', async () => {
    const { page, alert } = await ring.open('/devices/boiler-1', { size: 'phone' });
    await page.locator('#set-point').waitFor();
    await ring.server.stopBroker();
    await alert.waitFor();
    const reached: string[] = [];
    const covered: string[] = [];
    while (reached.at(-1) !== 'Retry now') {
      await page.keyboard.press('Tab');
      const [name, isSeen] = await page.evaluate(() => {
        const focused = document.activeElement as HTMLElement;
        const { x, y, width, height } = focused.getBoundingClientRect();
        const top = document.elementFromPoint(x + width / 2, y + height / 2);
        return [focused.id || focused.innerText.trim(), focused.contains(top)] as const;
      });
      reached.push(name);
      if (!isSeen) covered.push(name);
    }
    expect(reached).toEqual(expect.arrayContaining(['Devices', 'Traffic', '← Devices', 'set-point', 'Send']));
    expect(covered).toEqual([]);
  });

  it('the badge tells an outage once, and not each attempt', async () => {
    const dashboard = await ring.open('/');
    const { page } = dashboard;
    await page.evaluate(() => {
      const badge = document.querySelector('.badge')!;
      const told: (string | null)[] = [];
      Object.assign(globalThis, { told });
      const tell = (): unknown => told.at(-1) === badge.textContent || told.push(badge.textContent);
      new MutationObserver(tell).observe(badge, { characterData: true, childList: true, subtree: true });
      // From now on an attempt has no end, so that the page shows it.
      globalThis.WebSocket = class extends EventTarget {
        close(): void {}
      } as unknown as typeof WebSocket;
    });
    await ring.server.stopBroker();
    await dashboard.alert.getByText('No connection').waitFor();
    await page.getByText('Connecting…').waitFor();
    expect(await page.evaluate(() => (globalThis as unknown as { told: string[] }).told)).toEqual(['Offline']);
  });

  it('the overview says so when the broker refuses it the devices, and the rest of the page stays', async () => {
    const context = await ring.browser.newContext({ viewport: SIZES.phone });
    const page = await context.newPage();
    await page.routeWebSocket(/\/mqtt$/, (near) => {
      near.connectToServer().onMessage((frame) => {
        if (typeof frame === 'string') throw new Error('MQTT has binary frames alone');
        for (const packet of packetsOf(frame)) near.send(packet[0] === 0x90 ? withRefusals(packet) : packet);
      });
    });
    await page.goto(ring.server.url);
    await page.getByRole('alert').getByText('was refused by the broker').waitFor();
    await page.getByRole('link', { name: 'Traffic' }).click();
    await page.locator('#filter').waitFor();
    await context.close();
  });
});

/** A SUBACK without properties, of which each code is 0x87. */
function withRefusals(packet: Buffer): Buffer {
  return Buffer.from(packet).fill(0x87, 5);
}
