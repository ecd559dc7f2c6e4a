import { Ring } from './support/ring.js';

describe('in a worker, which has no document', () => {
  let ring: Ring;
  beforeAll(async () => {
    ring = await Ring.start();
  });
  afterAll(() => ring.stop());

  it.each([
    ['a dedicated worker', 'DedicatedWorkerGlobalScope'],
    ['a shared worker', 'SharedWorkerGlobalScope'],
    ['a service worker', 'ServiceWorkerGlobalScope'],
  ])('publishes and receives in %s', async (kind, scope) => {
    const { page, context, complaints } = await ring.page();
    const answer = await page.evaluate(
      async ([which, url]) => {
        const { port1, port2 } = new MessageChannel();
        const answered = new Promise<string>((resolve) => {
          port1.onmessage = ({ data }: MessageEvent<string>) => resolve(data);
        });
        if (which === 'a dedicated worker') new Worker('/worker.js').postMessage({ url }, [port2]);
        if (which === 'a shared worker') new SharedWorker('/worker.js').port.postMessage({ url }, [port2]);
        if (which === 'a service worker') {
          await navigator.serviceWorker.register('/worker.js');
          const { active } = await navigator.serviceWorker.ready;
          active?.postMessage({ url }, [port2]);
        }
        return answered;
      },
      [kind, ring.url] as const,
    );
    expect(answer).toBe(`from ${scope}, undefined document`);
    expect(complaints).toEqual([]);
    await context.close();
  });
});
