import { filter, firstValueFrom, map, take, toArray } from 'rxjs';
import { Ring } from './support/ring.js';

describe('a page with a store in IndexedDB', () => {
  let ring: Ring;
  beforeAll(async () => {
    ring = await Ring.start();
  });
  afterAll(() => ring.stop());

  it('delivers after a reload what was published before it, without a broker, in order and once', async () => {
    const context = await ring.browser.newContext();
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('pageerror', ({ message }) => complaints.push(message));
    const address = `${ring.site.url}durable.html?broker=${encodeURIComponent(ring.url)}`;
    await ring.stopBroker();
    await page.goto(address);
    const stored = await page.evaluate(async () => {
      const numbers = Array.from({ length: 20 }, (_, at) => String(at));
      for (const number of numbers) client.publish('queue/offline', number, { qos: 1 }).subscribe();
      const all$ = client.stats$.pipe(rxjs.map(({ outbox }) => outbox.messages));
      return rxjs.firstValueFrom(all$.pipe(rxjs.filter((messages) => messages === numbers.length)));
    });
    expect(stored).toBe(20);
    const recorded = (): Promise<number> =>
      page.evaluate(
        () =>
          new Promise<number>((resolve, reject) => {
            const opening = indexedDB.open('level-js-queue');
            opening.onerror = () => reject(new Error(String(opening.error)));
            opening.onsuccess = () => {
              const [name = ''] = opening.result.objectStoreNames;
              const counting = opening.result.transaction(name).objectStore(name).count();
              counting.onsuccess = () => {
                opening.result.close();
                resolve(counting.result);
              };
            };
          }),
      );
    while ((await recorded()) < 20) await page.evaluate(() => new Promise(requestAnimationFrame));

    await page.reload();
    await ring.restartBroker();
    const delivered = await firstValueFrom(
      ring.broker.published$.pipe(
        filter(({ message }) => message.topic === 'queue/offline'),
        map(({ message }) => new TextDecoder().decode(message.payload)),
        take(20),
        toArray(),
      ),
    );
    expect(delivered).toEqual(Array.from({ length: 20 }, (_, at) => String(at)));
    await page.waitForFunction(() => client.stats().outbox.messages + client.stats().inFlight.messages === 0);
    expect(complaints).toEqual([]);
    await context.close();
  });
});
