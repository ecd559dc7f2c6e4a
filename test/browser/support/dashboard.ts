import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { type DashboardServer, startDashboard } from '../../../examples/angular/server/dashboard-server.js';
import { startChromium } from './chromium.js';

const root = join(__dirname, '../../..');
const pictures = join(root, 'artifacts/screenshots');

export const SIZES = { desktop: { width: 1440, height: 900 }, phone: { width: 360, height: 740 } } as const;
export type Size = keyof typeof SIZES;
export type Scheme = 'light' | 'dark';

export interface Look {
  readonly size?: Size;
  readonly scheme?: Scheme;
  /** What the badge says before a test goes on. Default `Online`. */
  readonly badge?: string;
}

/** The Angular dashboard, its broker and its plant, with a browser. It must have been built: `npm run test:browser` does. */
export class DashboardRing {
  private pages: DashboardPage[] = [];

  private constructor(
    readonly browser: Browser,
    readonly server: DashboardServer,
  ) {}

  static async start(): Promise<DashboardRing> {
    mkdirSync(pictures, { recursive: true });
    const folder = join(root, 'examples/angular/dist/dashboard/browser');
    const [browser, server] = await Promise.all([startChromium(), startDashboard({ folder, port: 0 })]);
    return new DashboardRing(browser, server);
  }

  /** A page in a profile of its own. */
  async open(
    path: string,
    { size = 'desktop', scheme = 'light', badge = 'Online' }: Look = {},
  ): Promise<DashboardPage> {
    const context = await this.browser.newContext({ viewport: SIZES[size], colorScheme: scheme });
    const page = new DashboardPage(await context.newPage());
    this.pages.push(page);
    await page.page.goto(this.server.url + path);
    await page.badge(badge).waitFor();
    return page;
  }

  /** Closes what a test opened; tells what its pages complained of. */
  async closePages(): Promise<string[]> {
    const pages = this.pages;
    this.pages = [];
    await Promise.all(pages.map(({ page }) => page.context().close()));
    return pages.flatMap(({ complaints }) => complaints);
  }

  async stop(): Promise<void> {
    await this.browser.close();
    await this.server.close();
  }
}

export class DashboardPage {
  readonly complaints: string[] = [];
  /** The frames that the page sent. */
  private readonly sent: Buffer[] = [];

  constructor(readonly page: Page) {
    page.on('pageerror', ({ message }) => this.complaints.push(message));
    page.on('console', (entry) => {
      const ofTheSocket = entry.text().startsWith('WebSocket connection to ');
      if (['error', 'warning'].includes(entry.type()) && !ofTheSocket) this.complaints.push(entry.text());
    });
    page.on('websocket', (socket) =>
      socket.on('framesent', ({ payload }) => {
        if (typeof payload !== 'string') this.sent.push(payload);
      }),
    );
  }

  badge(text: string): Locator {
    return this.page.locator('.badge', { hasText: text });
  }

  card(name: string): Locator {
    return this.page.locator('.card', { hasText: name });
  }

  get alert(): Locator {
    return this.page.getByRole('alert');
  }

  /** Settles once all cards are there, and show what comes now. */
  areLive(cards: number): Promise<unknown> {
    return this.page.waitForFunction((count) => {
      const ages = [...document.querySelectorAll('.card app-age')];
      return ages.length === count && ages.every((age) => age.textContent?.trim() === 'live');
    }, cards);
  }

  async picture(name: string): Promise<void> {
    await this.page.screenshot({ path: join(pictures, `${name}.png`) });
  }

  /** Pixels by which the page is wider than the screen. */
  overflow(): Promise<number> {
    return this.page.evaluate(() =>
      Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth),
    );
  }

  /** Whether a SUBSCRIBE (8) or UNSUBSCRIBE (10) with that filter was sent. */
  asked(packet: 8 | 10, topicFilter: string): boolean {
    return this.sent.some((frame) =>
      packetsOf(frame).some((one) => one[0]! >> 4 === packet && one.includes(topicFilter)),
    );
  }

  /** What axe-core finds wrong: rule, element, and why. */
  async accessibilityProblems(): Promise<string[]> {
    await this.page.evaluate(AXE);
    return this.page.evaluate(async () => {
      const { violations } = await (globalThis as unknown as { axe: Axe }).axe.run();
      return violations.flatMap(({ id, nodes }) =>
        nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary}`),
      );
    });
  }
}

interface Axe {
  run(): Promise<{
    readonly violations: readonly {
      readonly id: string;
      readonly nodes: readonly { readonly target: readonly string[]; readonly failureSummary: string }[];
    }[];
  }>;
}

const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

/** The packets of one frame; a frame holds whole ones. */
export function packetsOf(frame: Buffer): Buffer[] {
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
