import { Ring } from './support/ring.js';

const MESSAGES = 100_000;

describe('memory', () => {
  let ring: Ring;
  beforeAll(async () => {
    ring = await Ring.start();
  });
  afterAll(() => ring.stop());

  it(`does not grow with ${MESSAGES} messages sent and received`, async () => {
    const { page, context, complaints } = await ring.page();
    const session = await context.newCDPSession(page);
    await session.send('HeapProfiler.enable');
    const heap = async (): Promise<number> => {
      await session.send('HeapProfiler.collectGarbage');
      return (await session.send('Runtime.getHeapUsage')).usedSize;
    };
    await page.evaluate(async (url) => {
      globalThis.client = rxmqtt.connect(url);
      await rxjs.firstValueFrom(client.state$.pipe(rxjs.filter(({ status }) => status === 'connected')));
    }, ring.url);
    const exchange = (count: number): Promise<number> =>
      page.evaluate(async (total) => {
        let received = 0;
        const all = rxjs.firstValueFrom(
          client.subscribe('load/#', { qos: 1 }).pipe(
            rxjs.tap(() => received++),
            rxjs.filter(() => received === total),
          ),
        );
        const active$ = client.subscriptions$.pipe(rxjs.filter((now) => now.get('load/#')?.status === 'active'));
        await rxjs.firstValueFrom(active$);
        const sent$ = rxjs
          .range(0, total)
          .pipe(rxjs.mergeMap((n) => client.publish(`load/${n % 1000}`, `message ${n}`, { qos: 1 }), 500));
        await Promise.all([all, rxjs.lastValueFrom(sent$)]);
        return received;
      }, count);

    await exchange(20_000);
    const before = await heap();
    expect(await exchange(MESSAGES)).toBe(MESSAGES);
    const grown = (await heap()) - before;
    expect(grown).toBeLessThan(1_000_000);
    expect(complaints).toEqual([]);
    await context.close();
  }, 120_000);
});
