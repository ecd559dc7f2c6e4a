import { type DashboardPage, DashboardRing, type Look } from './support/dashboard.js';

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
});
