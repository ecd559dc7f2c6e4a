import { setImmediate } from 'node:timers';

/** ms of real time for which virtual time stands still while something that is known computes. */
const PATIENCE = 250;

/** A turn of the real event loop: every promise that is due has settled by then. */
const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** Waits until promises have settled, and for a while for those that take real time (cryptography, files). */
export async function settle(isBusy: () => boolean): Promise<void> {
  await turn();
  const started = performance.now();
  while (isBusy() && performance.now() - started < PATIENCE) await turn();
}
