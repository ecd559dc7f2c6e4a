import type { Subject } from 'rxjs';
import type { MqttError } from '../../errors.js';
import type { AckCommand } from '../../packet/packets.js';
import type { AckPort } from '../../session/ack-queue.js';
import { Journal } from '../../session/journal.js';
import { encodeJson } from '../../session/sealed-record.js';
import type { Store } from '../../session/store.js';
import { LAYOUT } from './keys.js';
import { RecordReader, storeFailed, type LayoutRecord } from './records.js';

/** The layout that is written; see `keys.ts`. */
export const VERSION = 2;

/** How many numbers are given out between two records of it. */
const RESERVED_NUMBERS = 10_000;

/** The records of one broker: numbered, and written in order, one tick at a time. */
export class RecordJournal {
  readonly reader: RecordReader;
  private readonly journal: Journal;
  private last = 0;
  private reserved = 0;
  /** The store records its layout and the numbers in use. */
  private described = false;
  private failed = false;
  private readonly flushes: (() => void)[] = [];

  /**
   * @param faults - receives damaged records and failures of the store.
   * @param onFailure - the store has failed: pending writes never become durable.
   */
  constructor(
    readonly store: Store,
    readonly faults: Subject<MqttError>,
    onFailure: () => void,
  ) {
    this.reader = new RecordReader(this, faults);
    this.journal = new Journal(store, (cause) => {
      this.failed = true;
      faults.next(storeFailed('written', cause));
      onFailure();
      for (const flushed of this.flushes.splice(0)) flushed();
    });
  }

  /** The last number given out. */
  get lastNumber(): number {
    return this.last;
  }

  /** Continues after an earlier process: numbers up to this one may be in use. */
  resume(numbers: number): void {
    this.last = numbers;
    this.reserved = numbers;
    this.described = true;
  }

  put(key: string, value: Uint8Array): void {
    if (!this.described) this.describe();
    this.journal.put(key, value);
  }

  delete(key: string): void {
    this.journal.delete(key);
  }

  /** An unused number, greater than all before. */
  nextNumber(): number {
    this.last++;
    if (this.last > this.reserved) {
      this.reserved = this.last + RESERVED_NUMBERS;
      this.describe();
    }
    return this.last;
  }

  whenDurable(listener: () => void): void {
    this.journal.whenDurable(listener);
  }

  /** Delays the acknowledgements of one connection until everything written before them is durable. */
  writeAhead(port: AckPort): AckPort {
    return new WriteAheadPort(port, this.journal);
  }

  /** Settles once everything is durable, or the store has failed. */
  flush(): Promise<void> {
    if (this.failed || this.journal.isClean) return Promise.resolve();
    return new Promise((resolve) => {
      this.flushes.push(resolve);
      this.journal.whenDurable(resolve);
    });
  }

  /** Records the layout and the numbers in use. */
  describe(): void {
    this.described = true;
    const record: LayoutRecord = { version: VERSION, numbers: this.reserved };
    this.journal.put(LAYOUT, encodeJson(record));
  }
}

/** Holds acknowledgements back, in order, while the store has something to write. */
class WriteAheadPort implements AckPort {
  private waiting = 0;

  constructor(
    private readonly port: AckPort,
    private readonly journal: Journal,
  ) {}

  acknowledge(cmd: AckCommand, packetId: number, reasonCode: number): void {
    if (this.waiting === 0 && this.journal.isClean) return this.port.acknowledge(cmd, packetId, reasonCode);
    this.waiting++;
    this.journal.whenDurable(() => {
      this.waiting--;
      this.port.acknowledge(cmd, packetId, reasonCode);
    });
  }
}
