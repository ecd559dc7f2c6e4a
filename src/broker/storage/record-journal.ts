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

/** Numbers that are given out before the store is told of more. */
const NUMBERS = 10_000;

/** The records of one broker: written in order, a tick at a time, and numbered. */
export class RecordJournal {
  readonly reader: RecordReader;
  private readonly journal: Journal;
  private last = 0;
  private reserved = 0;
  /** The store says which layout it has, and which numbers were given out. */
  private described = false;
  private failed = false;
  private readonly flushes: (() => void)[] = [];

  /**
   * @param faults - hears of damaged records that were set aside, and of a store that fails.
   * @param onFailure - nothing can be written any more: what waits for the store waits for ever.
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

  /** The number that was given out last. */
  get lastNumber(): number {
    return this.last;
  }

  /** Goes on where an earlier process ended: numbers up to this one may be in use. */
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

  /** A number that no record has yet; later ones are greater. */
  nextNumber(): number {
    this.last++;
    if (this.last > this.reserved) {
      this.reserved = this.last + NUMBERS;
      this.describe();
    }
    return this.last;
  }

  whenDurable(listener: () => void): void {
    this.journal.whenDurable(listener);
  }

  /** Acknowledgements of one connection: each leaves when everything that was written before it is durable. */
  writeAhead(port: AckPort): AckPort {
    return new WriteAheadPort(port, this.journal);
  }

  /** Settles when everything is durable, or the store has failed. */
  flush(): Promise<void> {
    if (this.failed || this.journal.isClean) return Promise.resolve();
    return new Promise((resolve) => {
      this.flushes.push(resolve);
      this.journal.whenDurable(resolve);
    });
  }

  /** Tells the store its layout, and which numbers were given out. */
  describe(): void {
    this.described = true;
    const record: LayoutRecord = { version: VERSION, numbers: this.reserved };
    this.journal.put(LAYOUT, encodeJson(record));
  }
}

/** Holds acknowledgements back, in their order, for as long as the store has something to write. */
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
