import { setTimeout as delay } from 'node:timers/promises';
import { longestTask } from './support/long-tasks.js';
import { Ring, type TestPage } from './support/ring.js';

const TOPICS = 500;
const PER_SECOND = 50_000;
const SECONDS = 10;

describe('streams in Chromium', () => {
  let ring: Ring;
  let testPage: TestPage;

  beforeAll(async () => {
    ring = await Ring.start();
  });
  afterAll(() => ring.stop());

  beforeEach(async () => {
    testPage = await ring.page();
  });
  afterEach(async () => {
    expect(testPage.complaints).toEqual([]);
    await testPage.context.close();
  });

  /** The broker sends as many messages as are due, again and again; the last ones carry the last number. */
  async function flood(): Promise<number> {
    const due = PER_SECOND * SECONDS;
    const start = performance.now();
    let sent = 0;
    while (sent < due) {
      const until = Math.min(due, Math.ceil(((performance.now() - start) / 1000) * PER_SECOND));
      for (; sent < until; sent++)
        ring.broker.publish({ topic: `plant/${sent % TOPICS}/value`, payload: String(sent) });
      await delay(5);
    }
    return sent;
  }

  it('a page that conflates stays smooth under 50 000 messages a second, and shows the last value of each topic', async () => {
    const { page } = testPage;
    await page.evaluate(
      async ([url, topics]) => {
        const cells = new Map<string, HTMLElement>();
        for (let index = 0; index < topics; index++) {
          const cell = document.createElement('div');
          // As in any large table: what one cell shows does not move the others.
          Object.assign(cell.style, { contain: 'strict', width: '6em', height: '1.2em', cssFloat: 'left' });
          cells.set(`plant/${index}/value`, cell);
          document.body.append(cell);
        }
        const counts = { received: 0, shown: 0, began: 0, lasted: 0 };
        Object.assign(globalThis, { counts });
        globalThis.client = rxmqtt.connect(url);
        globalThis.client
          .subscribe('plant/#')
          .pipe(
            rxjs.tap(() => {
              if (counts.received++ === 0) counts.began = performance.now();
            }),
            rxmqtt.conflate(100),
          )
          .subscribe((message) => {
            counts.shown++;
            counts.lasted = performance.now() - counts.began;
            cells.get(message.topic)!.textContent = message.text();
          });
        const active$ = globalThis.client.subscriptions$.pipe(
          rxjs.filter((all) => all.get('plant/#')?.status === 'active'),
        );
        await rxjs.firstValueFrom(active$);
      },
      [ring.url, TOPICS] as const,
    );
    let sent = 0;
    const longest = await longestTask(ring.browser, page, async () => {
      sent = await flood();
    });
    const last = Array.from({ length: TOPICS }, (_, index) => String(sent - TOPICS + index)).join(' ');
    await page.waitForFunction(
      (text) => Array.from(document.querySelectorAll('div'), (cell) => cell.textContent).join(' ') === text,
      last,
    );
    const { received, shown, lasted } = await page.evaluate(
      () => (globalThis as unknown as { counts: Record<'received' | 'shown' | 'lasted', number> }).counts,
    );
    expect(received).toBe(sent);
    // A picture of each topic every 100 ms, however long the machine took, and a few more.
    expect(shown).toBeLessThanOrEqual(TOPICS * (lasted / 100 + 20));
    expect(longest).toBeLessThanOrEqual(50);
  });

  it('an Observable of the browser is work for ackAfter, and an answer for respond', async () => {
    const result = await testPage.page.evaluate(async (url) => {
      const { Observable: Native } = globalThis as unknown as {
        Observable: new <T>(
          start: (subscriber: { next(value: T): void; complete(): void }) => void,
        ) => import('../../src/browser.js').NativeObservable<T>;
      };
      const native = <T>(...values: readonly T[]) =>
        new Native<T>((subscriber) => {
          for (const value of values) subscriber.next(value);
          subscriber.complete();
        });
      const client = rxmqtt.connect(url);
      const worked = rxjs.firstValueFrom(
        client.subscribe('jobs', { qos: 1, ack: 'manual' }).pipe(
          rxmqtt.ackAfter((message) => native(`${message.text()} 1`, `${message.text()} 2`)),
          rxjs.take(2),
          rxjs.toArray(),
        ),
      );
      const answering = rxmqtt
        .respond(client, 'double', (request) => native(String(request.json<number>() * 2)))
        .subscribe();
      await rxjs.firstValueFrom(client.publish('jobs', 'done', { qos: 1 }));
      const answer = await rxjs.firstValueFrom(rxmqtt.request(client, 'double', '21'));
      answering.unsubscribe();
      const all = [await worked, answer.text()];
      await client.end();
      return all;
    }, ring.url);
    expect(result).toEqual([['done 1', 'done 2'], '42']);
  });
});
