import type { ClientOptions } from '../../../src/index.js';
import { MeasuredProcess } from './measured-process.js';

/** Starts clients that are stopped after the test. The options are what JSON can carry. */
export function clientProcesses(): (url: string, options?: Partial<ClientOptions>) => Promise<MeasuredProcess> {
  const running: MeasuredProcess[] = [];
  afterEach(async () => {
    await Promise.all(running.splice(0).map((one) => one.stop()));
  });
  return async (url, options = {}) => {
    const [process] = await MeasuredProcess.start('client-main.ts', { url, options });
    running.push(process);
    return process;
  };
}
