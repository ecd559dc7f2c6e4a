import { setTimeout as wait } from 'node:timers/promises';
import type { QoS } from '../../../src/packet/packets.js';
import { MeasuredProcess } from './measured-process.js';

export interface PairSetup {
  readonly url: string;
  readonly topic: string;
  readonly filter: string;
  readonly qos: QoS;
  /** Bytes of a message. */
  readonly payload: number;
  /** Messages that are under way at a time. 1 measures the round trip; many measure the rate. */
  readonly inFlight: number;
}

/** ms; `rate` in messages a second. */
export interface RoundTrips {
  readonly arrived: number;
  readonly rate: number;
  readonly median: number;
  readonly longest: number;
}

export class Pair {
  constructor(private readonly process: MeasuredProcess) {}

  /** Begins a new window. */
  async begin(): Promise<void> {
    await this.process.ask('report');
  }

  /** The round trips since the last `begin` or `end`. */
  end(): Promise<RoundTrips> {
    return this.process.ask('report');
  }

  /** The round trips of so many ms from now. */
  async during(ms: number): Promise<RoundTrips> {
    await this.begin();
    await wait(ms);
    return this.end();
  }
}

/** Starts a healthy publisher with its subscriber, which exchange messages until the end of the test. */
export function pairs(): (url: string, setup?: Partial<PairSetup>) => Promise<Pair> {
  const running: MeasuredProcess[] = [];
  afterEach(async () => {
    await Promise.all(running.splice(0).map((one) => one.stop()));
  });
  return async (url, setup = {}) => {
    const topic = setup.topic ?? 'pair/topic';
    const all: PairSetup = { qos: 1, payload: 16, inFlight: 1, filter: topic, ...setup, url, topic };
    const [process] = await MeasuredProcess.start('pair-main.ts', all);
    running.push(process);
    return new Pair(process);
  };
}
