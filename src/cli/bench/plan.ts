import type { QoS } from 'rxmqtt';

export const MODES = ['conn', 'pub', 'sub', 'e2e'] as const;
export type Mode = (typeof MODES)[number];

/** The settings of a bench. Times are in ms. */
export interface BenchPlan {
  readonly mode: Mode;
  readonly clients: number;
  /** Messages or connections per second, of all clients together. */
  readonly rate: number | undefined;
  readonly size: number;
  readonly qos: QoS;
  readonly duration: number;
  readonly warmup: number;
  /** The prefix of the topics. */
  readonly topic: string;
  /** How many messages of a client may wait for their acknowledgements. */
  readonly window: number;
}
