import { firstValueFrom, timer } from 'rxjs';
import { type DashboardPage, DashboardRing } from './support/dashboard.js';

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

  async function openAll(badge: string): Promise<Opened[]> {
    const opened: Opened[] = [];
    for (const { size, scheme } of LOOKS) {
      for (const [route, path] of Object.entries(ROUTES)) {
        opened.push([`${route}-${size}-${scheme}`, await ring.open(path, { size, scheme, badge })]);
      }
    }
    return opened;
  }
  const badges = (pages: readonly Opened[], text: string): Promise<unknown> =>
    Promise.all(pages.map(([, dashboard]) => dashboard.badge(text).waitFor()));

  async function expectNoProblems(state: string, pages: readonly Opened[]): Promise<void> {
    const problems: string[] = [];
    for (const [name, dashboard] of pages) {
      await dashboard.picture(`${state}-${name}`);
      problems.push(...(await dashboard.accessibilityProblems()).map((problem) => `${name}: ${problem}`));
      if ((await dashboard.overflow()) > 0) problems.push(`${name}: wider than the screen`);
    }
    expect(problems).toEqual([]);
  }

  it('while it is connected', async () => {
    const pages = await openAll('Online');
    await expectNoProblems('connected', pages);
  });

  it('on a cold start without the broker', async () => {
    await ring.server.stopBroker();
    const pages = await openAll('Offline');
    await expectNoProblems('cold-start', pages);
  });

  it('during an outage, and after it', async () => {
    const pages = await openAll('Online');
    await firstValueFrom(timer(1000));
    await ring.server.stopBroker();
    await badges(pages, 'Offline');
    await expectNoProblems('outage', pages);
    await ring.server.startBroker();
    await badges(pages, 'Online');
    await firstValueFrom(timer(1500));
    await expectNoProblems('after', pages);
  });
});
