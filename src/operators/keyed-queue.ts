import { Fifo } from '../fifo.js';

interface Arrival<T> {
  readonly value: T;
  /** The number of its arrival. */
  readonly at: number;
}

/**
 * A queue that hands out one value per key at a time, oldest first. The next value of a key becomes available when the
 * previous one is released. `shift` takes logarithmic time in the number of available values; values that wait behind
 * another one of their key cost nothing.
 */
export class KeyedQueue<T extends { readonly key: unknown }> {
  /** The available values: a binary heap, with the oldest at its head. */
  private readonly heap: Arrival<T>[] = [];
  /** For each key with an available or handed-out value, the values that wait behind it. */
  private readonly lanes = new Map<unknown, Fifo<Arrival<T>>>();
  private count = 0;

  /** The number of available values. If none is handed out, no others wait. */
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
    this.lanes.set(value.key, new Fifo());
    this.rise(arrival);
  }

  /** Hands out the oldest available value; there must be one. */
  shift(): T {
    const [first] = this.heap as [Arrival<T>];
    const last = this.heap.pop() as Arrival<T>;
    if (this.heap.length > 0) this.sink(last);
    return first.value;
  }

  /** Makes the next value of the same key available. */
  release({ key }: T): void {
    const lane = this.lanes.get(key);
    if (lane === undefined) return;
    const next = lane.shift();
    if (next === undefined) this.lanes.delete(key);
    else this.rise(next);
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
