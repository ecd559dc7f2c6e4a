import type { Store, StoreOperation, StoreRecord } from '../../src/session/store.js';
import type { VirtualClock } from './virtual-clock.js';

/** What outlives processes. */
export class Disk {
  private readonly records = new Map<string, Uint8Array>();

  get size(): number {
    return this.records.size;
  }

  /** Whether a record holds this text. */
  holds(text: string): boolean {
    for (const value of this.records.values()) if (Buffer.from(value).includes(text)) return true;
    return false;
  }

  /** The disk as one process sees it. */
  mount(clock: VirtualClock, latency: number): Drive {
    return new Drive(this.records, clock, latency);
  }
}

/** A store whose writes take virtual time, and that its process may be torn away from. */
export class Drive implements Store {
  private gone = false;
  private underWay: (() => void) | undefined;
  private begun = 0;
  private completed = 0;

  constructor(
    private readonly records: Map<string, Uint8Array>,
    private readonly clock: VirtualClock,
    private readonly latency: number,
  ) {}

  load(prefix: string): Promise<readonly StoreRecord[]> {
    const found = [...this.records].filter(([key]) => key.startsWith(prefix)).map(([key, value]) => ({ key, value }));
    return Promise.resolve(found.sort((a, b) => (a.key < b.key ? -1 : 1)));
  }

  /** Settles in virtual time: what it returns is no promise of the platform. */
  write(operations: readonly StoreOperation[]): Promise<void> {
    if (this.underWay !== undefined) throw new Error('write was called before the last one had settled');
    const apply = (): void => {
      this.underWay = undefined;
      this.completed++;
      for (const operation of operations) {
        if (operation.type === 'put') this.records.set(operation.key, operation.value);
        else this.records.delete(operation.key);
      }
    };
    this.begun++;
    if (!this.gone) this.underWay = apply;
    return {
      then: (settled: () => void) => {
        this.clock.plan(this.latency, () => {
          if (this.gone) return;
          apply();
          settled();
        });
      },
    } as Promise<void>;
  }

  /** Tells, when it is called, whether what the client had to write at this moment has been written. */
  watch(): () => boolean {
    const next = this.begun + 1;
    const busy = this.underWay !== undefined;
    return () => this.completed >= next || (this.begun < next && !busy);
  }

  /** The process dies: the write that is under way takes effect as a whole, or not at all. */
  pull(lastWrite: boolean): void {
    this.gone = true;
    if (lastWrite) this.underWay?.();
    this.underWay = undefined;
  }
}
