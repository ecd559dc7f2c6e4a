import type { QoS } from 'rxmqtt';

export const MODES = ['conn', 'pub', 'sub', 'e2e'] as const;
export type Mode = (typeof MODES)[number];

/** What to measure. Times are in ms. */
export interface BenchPlan {
  readonly mode: Mode;
  readonly clients: number;
  /** Messages, or connections, a second of all clients together. */
  readonly rate: number | undefined;
  readonly size: number;
  readonly qos: QoS;
  readonly duration: number;
  readonly warmup: number;
  /** What the topics begin with. */
  readonly topic: string;
  /** How many messages of a client may wait for their acknowledgements. */
  readonly window: number;
}
