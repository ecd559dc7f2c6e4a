import { Fifo } from '../fifo.js';
import { Heap, type HeapItem } from '../heap.js';

interface Arrival<T> extends HeapItem {
  readonly value: T;
  /** The number of its arrival. */
  readonly number: number;
}

/**
 * A queue that hands out one value per key at a time, oldest first. The next value of a key becomes available when the
 * previous one is released. `shift` takes logarithmic time in the number of available values; values that wait behind
 * another one of their key cost nothing.
 */
export class KeyedQueue<T extends { readonly key: unknown }> {
  private readonly available = new Heap<Arrival<T>>((a, b) => a.number - b.number);
  /** For each key with an available or handed-out value, the values that wait behind it. */
  private readonly lanes = new Map<unknown, Fifo<Arrival<T>>>();
  private count = 0;

  /** The number of available values. If none is handed out, no others wait. */
  get size(): number {
    return this.available.size;
  }

  push(value: T): void {
    const arrival = { value, number: this.count++, at: -1 };
    const lane = this.lanes.get(value.key);
    if (lane !== undefined) {
      lane.push(arrival);
      return;
    }
    this.lanes.set(value.key, new Fifo());
    this.available.add(arrival);
  }

  /** Hands out the oldest available value; there must be one. */
  shift(): T {
    const first = this.available.first as Arrival<T>;
    this.available.remove(first);
    return first.value;
  }

  /** Makes the next value of the same key available. */
  release({ key }: T): void {
    const lane = this.lanes.get(key);
    if (lane === undefined) return;
    const next = lane.shift();
    if (next === undefined) this.lanes.delete(key);
    else this.available.add(next);
  }

  clear(): void {
    this.available.clear();
    this.lanes.clear();
  }
}
