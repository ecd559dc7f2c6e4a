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
}

const shape = (name: string, publishers: number, subscribers: number, window: number): BrokerWorkload[] =>
  ([0, 1] as const).map((qos) => ({ name: `${name}-qos${qos}`, publishers, subscribers, qos, payload: 64, window }));

export const throughputs: readonly BrokerWorkload[] = [
  ...shape('broker-1-to-1', 1, 1, 1000),
  ...shape('broker-1-to-1000', 1, 1000, 20),
  ...shape('broker-1000-to-1', 1000, 1, 20_000),
];

export const idle: BrokerWorkload = {
  name: 'broker-10000-idle',
  publishers: 10_000,
  subscribers: 0,
  qos: 0,
  payload: 0,
  window: 0,
};

/** What rxmqtt has to reach, as a factor of another broker, and the MiB of ten thousand idle connections. */
export const TARGETS = { aedes: 3, mosquitto: 0.5, idle: 250 } as const;
