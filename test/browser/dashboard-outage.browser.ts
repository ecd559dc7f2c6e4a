import { firstValueFrom, timer } from 'rxjs';
import { type DashboardPage, DashboardRing, type Size } from './support/dashboard.js';

/** Those of the plant. */
const DEVICES = 8;

/** What an outage of the broker looks like, and what comes after it. */
describe('the Angular dashboard without its broker', () => {
  let ring: DashboardRing;

  beforeAll(async () => {
    ring = await DashboardRing.start();
  });
  afterAll(() => ring.stop());
  afterEach(async () => {
    expect(await ring.closePages()).toEqual([]);
    await ring.server.startBroker();
  });

  const pass = (ms: number): Promise<unknown> => firstValueFrom(timer(ms));

  it('draws no line through an outage, and dims what is old, with its time', async () => {
    const dashboard = await ring.open('/');
    const { page } = dashboard;
    const card = dashboard.card('Boiler 1');
    await dashboard.areLive(DEVICES);
    // A value is live for four seconds, and is looked at each second.
    const since = Date.now() - 5000;
    await pass(4000);
    const color = (): Promise<string> => card.locator('.value').evaluate((one) => getComputedStyle(one).color);
    const live = await color();
    await ring.server.stopBroker();
    await dashboard.badge('Offline').waitFor();
    const times = secondsBetween(since, Date.now()).map((time) => `as of ${time}`);
    expect(await page.locator('.card.stale').count()).toBe(DEVICES);
    for (const age of await page.locator('.card app-age').allInnerTexts()) expect(times).toContain(age);
    expect(await color()).not.toBe(live);
    await pass(6000);
    await ring.server.startBroker();
    await dashboard.badge('Online').waitFor();
    await dashboard.areLive(DEVICES);
    expect(await color()).toBe(live);
    await pass(3000);
    const parts = await paintedParts(dashboard, 'Boiler 1');
    // s, of the 60 that it shows: the line before the outage, nothing for as long as that was, the line after it. Where
    // a busy machine has kept the plant silent, the line has a short gap, too.
    const [nothing, ...line] = parts;
    expect([nothing?.isPainted, line.at(-1)?.isPainted]).toEqual([false, true]);
    const gap = line.reduce((longest, part) => (!part.isPainted && part.seconds > longest.seconds ? part : longest), {
      isPainted: true,
      seconds: 0,
    });
    const painted = (some: readonly Part[]): number =>
      some.reduce((sum, { isPainted, seconds }) => sum + (isPainted ? seconds : 0), 0);
    expect(gap.seconds).toBeGreaterThan(5.5);
    expect(painted(line.slice(0, line.indexOf(gap)))).toBeGreaterThan(2);
    expect(painted(line.slice(line.indexOf(gap)))).toBeGreaterThan(1.5);
    await dashboard.picture('after-outage-desktop');
  });

  it.each(['desktop', 'phone'] as const)('moves nothing when its banner comes and goes, on a %s', async (size) => {
    const pages = await Promise.all([
      ring.open('/', { size }),
      ring.open('/devices/boiler-1', { size }),
      ring.open('/traffic', { size }),
    ]);
    const [overview, device, traffic] = pages;
    const areLive = (): Promise<unknown> => Promise.all([overview.areLive(DEVICES), device.areLive(1)]);
    await Promise.all([areLive(), traffic.page.locator('li').nth(20).waitFor()]);
    const places = (): Promise<unknown> =>
      Promise.all(
        pages.map(({ page }) =>
          page.locator('header, nav a, h1, .card, .card .value, #filter, .chips, .tools, ol').evaluateAll((all) =>
            all.map((one) => {
              const { x, y, width } = one.getBoundingClientRect();
              return [one.tagName, x, y, width];
            }),
          ),
        ),
      );
    const before = await places();
    await Promise.all([observeShifts(overview), observeShifts(device)]);
    await ring.server.stopBroker();
    await Promise.all(pages.map(({ alert }) => alert.waitFor()));
    await pass(1500);
    expect(await places()).toEqual(before);
    for (const [at, route] of ['overview', 'device', 'traffic'].entries()) {
      await pages[at]!.picture(`banner-${route}-${size}`);
    }
    await ring.server.startBroker();
    await Promise.all(pages.map(({ alert }) => alert.waitFor({ state: 'detached' })));
    await areLive();
    expect(await places()).toEqual(before);
    expect(await Promise.all([shiftsOf(overview), shiftsOf(device)])).toEqual([[], []]);
  });

  it.each(['desktop', 'phone'] as const)(
    'says on a cold start that nothing has come yet, and is back at most 5 s after the broker, on a %s',
    async (size: Size) => {
      await ring.server.stopBroker();
      const dashboard = await ring.open('/', { size, badge: 'Offline' });
      await dashboard.alert.waitFor();
      expect(await dashboard.alert.innerText()).toBe('The broker cannot be reached. No values have arrived yet.');
      await dashboard.page.getByText('No device is known yet. They appear as soon as the broker answers.').waitFor();
      expect(await dashboard.overflow()).toBe(0);
      await dashboard.picture(`cold-start-${size}`);
      // 0.5, 1, 2 and 3 s at most: with the fourth one, the waits have grown as far as they grow.
      const waits = await waitsBeforeAttempts(dashboard, 4);
      expect(waits.filter((seconds) => seconds > 3)).toEqual([]);
      let attempts = 0;
      dashboard.page.on('websocket', () => attempts++);
      await ring.server.startBroker();
      await dashboard.badge('Online').waitFor();
      // The first attempt that finds the broker; another one may have been under way when it started.
      expect(attempts).toBeLessThanOrEqual(2);
      await dashboard.card('Boiler 1').getByText('live').waitFor();
      expect(await dashboard.alert.count()).toBe(0);
    },
    // Four failed attempts and their waits, on a machine that is busy.
    120_000,
  );

  it('says after a cold start and a loss that values are the last ones known, and since when', async () => {
    const dashboard = await ring.open('/');
    await dashboard.areLive(DEVICES);
    await ring.server.stopBroker();
    await dashboard.alert.waitFor();
    expect(await dashboard.alert.innerText()).toMatch(
      /^No connection to the broker since \d\d:\d\d:\d\d\. Values are the last ones known\.$/,
    );
  });
});

/** s that the banner shows at the beginning of each of the next waits. */
function waitsBeforeAttempts({ page }: DashboardPage, count: number): Promise<number[]> {
  return page.evaluate(
    (wanted) =>
      new Promise<number[]>((resolve) => {
        const waits: number[] = [];
        let last = 0;
        const look = (): void => {
          const now = Number.parseInt(document.querySelector('.countdown')?.textContent ?? '0', 10);
          if (now > last) waits.push(now);
          if (waits.length === wanted) return resolve(waits);
          last = now;
          requestAnimationFrame(look);
        };
        look();
      }),
    count,
  );
}

/** Each second from one time to another, both in ms, as the page shows it. */
function secondsBetween(from: number, to: number): string[] {
  const count = Math.floor(to / 1000) - Math.floor(from / 1000) + 1;
  return Array.from({ length: count }, (_, at) => new Date(from + at * 1000).toLocaleTimeString('en-GB'));
}

interface Part {
  readonly isPainted: boolean;
  readonly seconds: number;
}

/** What a spark line looks like, from left to right: stretches of columns in which something is painted, or nothing. */
async function paintedParts(dashboard: DashboardPage, name: string): Promise<Part[]> {
  const columns = await dashboard
    .card(name)
    .locator('canvas')
    .evaluate((canvas: HTMLCanvasElement) => {
      const { width, height } = canvas;
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, width, height);
      return Array.from({ length: width }, (_, x) =>
        Array.from({ length: height }, (_, y) => data[(y * width + x) * 4 + 3]!).some((alpha) => alpha > 0),
      );
    });
  const parts: { isPainted: boolean; seconds: number }[] = [];
  for (const isPainted of columns) {
    if (parts.at(-1)?.isPainted !== isPainted) parts.push({ isPainted, seconds: 0 });
    parts.at(-1)!.seconds += 60 / columns.length;
  }
  return parts;
}

/** Chromium's own account of what has moved on the page without an input of its user. */
async function observeShifts({ page }: DashboardPage): Promise<void> {
  await page.evaluate(() => {
    const shifts: string[] = [];
    (globalThis as unknown as { shifts: string[] }).shifts = shifts;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as unknown as readonly LayoutShift[]) {
        for (const { node } of entry.sources) shifts.push(`${node?.parentElement?.outerHTML.slice(0, 200) ?? 'gone'}`);
      }
    }).observe({ type: 'layout-shift' });
  });
}

interface LayoutShift {
  readonly sources: readonly { readonly node: Node | null }[];
}

function shiftsOf({ page }: DashboardPage): Promise<string[]> {
  return page.evaluate(() => (globalThis as unknown as { shifts: string[] }).shifts);
}
