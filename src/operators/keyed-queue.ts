import { ValueQueue } from './value-queue.js';

interface Arrival<T> {
  readonly value: T;
  /** Counts the values; the lower one came first. */
  readonly at: number;
}

/**
 * Values that wait for their turn: one of each key may be out at a time, and of those that may go, the one that came first
 * goes first. Taking one costs the logarithm of how many may go, however many wait behind others of their key.
 */
export class KeyedQueue<T extends { readonly key: unknown }> {
  /** Those that may go: a binary heap, the first one at its head. */
  private readonly heap: Arrival<T>[] = [];
  /** By key, for each key with a value in the heap or out: what waits behind that value. */
  private readonly lanes = new Map<unknown, ValueQueue<Arrival<T>>>();
  private count = 0;

  /** How many may go. When no value is out, these are all that wait. */
  get size(): number {
    return this.heap.length;
  }

  push(value: T): void {
    const arrival = { value, at: this.count++ };
    const lane = this.lanes.get(value.key);
    if (lane !== undefined) {
      lane.push(arrival);
      return;
    }
    this.lanes.set(value.key, new ValueQueue());
    this.rise(arrival);
  }

  /** Takes the value that may go and came first; there must be one. It is out until {@link release}. */
  shift(): T {
    const [first] = this.heap as [Arrival<T>];
    const last = this.heap.pop() as Arrival<T>;
    if (this.heap.length > 0) this.sink(last);
    return first.value;
  }

  /** A value is no longer out: the next one of its key may go. */
  release({ key }: T): void {
    const lane = this.lanes.get(key);
    if (lane === undefined) return;
    if (lane.size > 0) this.rise(lane.shift());
    else this.lanes.delete(key);
  }

  clear(): void {
    this.heap.length = 0;
    this.lanes.clear();
  }

  /** Adds an arrival at the end of the heap, and moves it up to its place. */
  private rise(arrival: Arrival<T>): void {
    const { heap } = this;
    let place = heap.length;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = heap[above] as Arrival<T>;
      if (parent.at < arrival.at) break;
      heap[place] = parent;
      place = above;
    }
    heap[place] = arrival;
  }

  /** Puts an arrival at the head of the heap, and moves it down to its place. */
  private sink(arrival: Arrival<T>): void {
    const { heap } = this;
    let place = 0;
    for (;;) {
      let below = 2 * place + 1;
      const right = heap[below + 1];
      if (right !== undefined && right.at < (heap[below] as Arrival<T>).at) below++;
      const child = heap[below];
      if (child === undefined || child.at > arrival.at) break;
      heap[place] = child;
      place = below;
    }
    heap[place] = arrival;
  }
}
