import { setImmediate } from 'node:timers';

/** How long virtual time waits for known asynchronous work, in ms of real time. */
const PATIENCE = 250;

/** A turn of the real event loop, in which every settled promise calls its handlers. */
const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** Waits until promises have settled, and a while for those that need real time (cryptography, files). */
export async function settle(isBusy: () => boolean): Promise<void> {
  await turn();
  const started = performance.now();
  while (isBusy() && performance.now() - started < PATIENCE) await turn();
}
