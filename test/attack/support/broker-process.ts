import type { BrokerCounters, BrokerOptions } from '../../../src/broker/index.js';
import { MeasuredProcess } from './measured-process.js';

export interface BrokerSetup {
  /** What JSON can carry. */
  readonly options: BrokerOptions;
  /** The path of a module that exports `options` with what JSON cannot carry, such as hooks; or a function that makes them. */
  readonly module?: string | undefined;
}

export interface BrokerProcess {
  readonly process: MeasuredProcess;
  /** Of the first listener. */
  readonly url: string;
  readonly urls: readonly string[];
  counters(): Promise<BrokerCounters>;
}

/** Starts brokers that are stopped after the test. */
export function brokerProcesses(): (options?: BrokerOptions, module?: string) => Promise<BrokerProcess> {
  const running: MeasuredProcess[] = [];
  afterEach(async () => {
    await Promise.all(running.splice(0).map((one) => one.stop()));
  });
  return async (options = {}, module = undefined) => {
    const setup: BrokerSetup = { options, module };
    const [process, { urls }] = await MeasuredProcess.start<{ urls: readonly string[] }>('broker-main.ts', setup);
    running.push(process);
    return { process, url: urls[0] ?? '', urls, counters: () => process.ask('counters') };
  };
}
