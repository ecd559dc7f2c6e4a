import type { Table } from './rolling.js';

/** All that a drawing of the demo shows. */
export interface View {
  /** s since the sensors began, and how long they publish. */
  readonly elapsed: number;
  readonly seconds: number;
  /** s since the cable was cut; undefined while it is whole. */
  readonly cutFor: number | undefined;
  readonly published: number;
  readonly received: number;
  /** Messages in the outboxes now, and over time: one figure every {@link SAMPLE} ms. */
  readonly waiting: number;
  readonly history: readonly number[];
  readonly table: Table;
  readonly code: Code;
}

/** What runs, as it stands in the sources. */
export interface Code {
  readonly sensor: readonly string[];
  readonly pipeline: readonly string[];
}

export const SAMPLE = 250;
