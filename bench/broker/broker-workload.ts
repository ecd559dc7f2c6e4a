/** Who is measured. */
export type BrokerName = 'rxmqtt' | 'aedes' | 'mosquitto';

export const NAMES: Readonly<Record<BrokerName, string>> = {
  rxmqtt: 'rxmqtt',
  aedes: 'aedes',
  mosquitto: 'Mosquitto',
};

/** What the load process is asked to do. Without subscribers the publishers stay silent. */
export interface LoadJob {
  readonly port: number;
  readonly publishers: number;
  readonly subscribers: number;
  readonly qos: 0 | 1;
  /** Bytes of a payload. */
  readonly payload: number;
  /** Messages that were sent and have not reached all subscribers. */
  readonly window: number;
  /** ms before the clock starts. */
  readonly warmup: number;
  /** ms. */
  readonly duration: number;
}

export interface BrokerWorkload extends Omit<LoadJob, 'port' | 'warmup' | 'duration'> {
  readonly name: string;
  /** What rxmqtt has to reach, as a factor of others; left out where there is no bar. */
  readonly bars?: { readonly aedes?: number; readonly mosquitto: number };
}

const shape = (
  name: string,
  publishers: number,
  subscribers: number,
  window: number,
  bars: readonly [qos0?: BrokerWorkload['bars'], qos1?: BrokerWorkload['bars']],
): BrokerWorkload[] =>
  ([0, 1] as const).map((qos) => {
    const workload = { name: `${name}-qos${qos}`, publishers, subscribers, qos, payload: 64, window };
    const given = bars[qos];
    return given === undefined ? workload : { ...workload, bars: given };
  });

const ONE_TO_ONE = { aedes: 10, mosquitto: 4 };

export const throughputs: readonly BrokerWorkload[] = [
  ...shape('broker-1-to-1', 1, 1, 1000, [ONE_TO_ONE, ONE_TO_ONE]),
  ...shape('broker-1-to-1000', 1, 1000, 20, []),
  ...shape('broker-1000-to-1', 1000, 1, 20_000, [undefined, { mosquitto: 5 }]),
];

export const idle: BrokerWorkload = {
  name: 'broker-10000-idle',
  publishers: 10_000,
  subscribers: 0,
  qos: 0,
  payload: 0,
  window: 0,
};

/** kB of memory that an idle connection may take. */
export const IDLE_BAR = 10;
