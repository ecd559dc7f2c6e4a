import type { Cable } from './cable.js';
import type { Ledger } from './readings.js';
import { NO_ROWS, type Table } from './rolling.js';
import type { Sensors } from './sensors.js';
import type { Code, View } from './view.js';

export interface Recorded {
  readonly seconds: number;
  readonly ledger: Ledger;
  readonly sensors: Sensors;
  readonly cable: Cable;
  readonly code: Code;
}

/** Puts together what there is to see of a running demo. */
export class Recorder {
  table: Table = NO_ROWS;
  private readonly history: number[] = [];
  private begun = performance.now();
  private cutAt = 0;

  constructor(private readonly recorded: Recorded) {}

  /** The sensors begin. */
  begin(): void {
    this.begun = performance.now();
  }

  cut(): void {
    this.cutAt = performance.now();
  }

  /** Notes how much waits in the outboxes at this moment. */
  sample(): void {
    this.history.push(this.recorded.sensors.waiting);
  }

  get view(): View {
    const { seconds, ledger, sensors, cable, code } = this.recorded;
    const { published, received } = ledger.counts;
    return {
      elapsed: secondsSince(this.begun),
      seconds,
      cutFor: cable.isUp ? undefined : secondsSince(this.cutAt),
      published,
      received,
      waiting: sensors.waiting,
      history: this.history,
      table: this.table,
      code,
    };
  }
}

const secondsSince = (then: number): number => (performance.now() - then) / 1000;
