import type { Browser, BrowserContext, Page } from 'playwright-core';
import { createBroker, type Broker } from '../../../src/broker/index.js';
import { startChromium } from './chromium.js';
import { startSite, type Site } from './site.js';

/** A browser, a site and a broker, for one file of tests. */
export class Ring {
  private constructor(
    readonly browser: Browser,
    readonly site: Site,
    public broker: Broker,
    readonly port: number,
  ) {}

  static async start(): Promise<Ring> {
    const [browser, { broker, port }] = await Promise.all([startChromium(), startBroker()]);
    return new Ring(browser, await startSite({ brokerPort: port }), broker, port);
  }

  get url(): string {
    return `ws://127.0.0.1:${this.port}/mqtt`;
  }

  /** A fresh page of a fresh profile; whatever it logs as an error, and whatever its policy refuses, fails the test. */
  async page(prepare: (page: Page, context: BrowserContext) => Promise<unknown> = async () => {}): Promise<TestPage> {
    const context = await this.browser.newContext();
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (entry) => {
      if (entry.type() === 'error' && !isRefusedSocket(entry.text())) complaints.push(entry.text());
    });
    await prepare(page, context);
    await page.goto(this.site.url);
    await page.waitForFunction(() => typeof globalThis.rxmqtt === 'object');
    return { page, context, complaints };
  }

  async stopBroker(): Promise<void> {
    await this.broker.close();
  }

  async restartBroker(): Promise<void> {
    this.broker = (await startBroker(this.port)).broker;
  }

  async stop(): Promise<void> {
    await this.browser.close();
    await this.site.close();
    await this.broker.close();
  }
}

export interface TestPage {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly complaints: readonly string[];
}

/** Chromium itself logs each WebSocket that it could not open. */
function isRefusedSocket(text: string): boolean {
  return text.startsWith('WebSocket connection to ');
}

async function startBroker(port = 0): Promise<{ broker: Broker; port: number }> {
  const broker = createBroker({
    listeners: [`ws://127.0.0.1:${port}/mqtt`],
    // The origin of a page that is opened as a file.
    origins: ['null'],
  });
  const [url = ''] = await broker.listening;
  return { broker, port: Number(new URL(url).port) };
}
