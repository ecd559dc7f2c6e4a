import type { Fifo as Ring } from './fifo.js';

/** Takes the place of the ring in browsers, whose queues are short. */
export class Fifo<T> implements Pick<Ring<T>, keyof Ring<T>> {
  private readonly values: T[] = [];

  get size(): number {
    return this.values.length;
  }

  push(value: T): void {
    this.values.push(value);
  }

  unshift(value: T): void {
    this.values.unshift(value);
  }

  peek(): T | undefined {
    return this.values[0];
  }

  shift(): T | undefined {
    return this.values.shift();
  }

  drain(): T[] {
    return this.values.splice(0);
  }

  [Symbol.iterator](): IterableIterator<T> {
    return this.values.values();
  }
}
