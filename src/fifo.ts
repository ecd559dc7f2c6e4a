/** Initial slots, a power of two. Most queues of a broker stay empty. */
const SMALLEST = 4;

/** The most slots that an empty queue keeps. */
const KEPT = 1024;

/** A first-in first-out queue on a ring buffer that grows by doubling; removing the head moves nothing. */
export class Fifo<T> {
  private ring: (T | undefined)[] = new Array<T | undefined>(SMALLEST);
  private head = 0;
  /** How many values it holds; only the queue sets it. */
  size = 0;

  push(value: T): void {
    if (this.size === this.ring.length) this.grow();
    this.ring[(this.head + this.size) & (this.ring.length - 1)] = value;
    this.size++;
  }

  /** Inserts a value before the head. */
  unshift(value: T): void {
    if (this.size === this.ring.length) this.grow();
    this.head = (this.head - 1) & (this.ring.length - 1);
    this.ring[this.head] = value;
    this.size++;
  }

  peek(): T | undefined {
    return this.size === 0 ? undefined : this.ring[this.head];
  }

  shift(): T | undefined {
    if (this.size === 0) return undefined;
    const value = this.ring[this.head];
    this.ring[this.head] = undefined;
    this.head = (this.head + 1) & (this.ring.length - 1);
    this.size--;
    if (this.size === 0 && this.ring.length > KEPT) this.clear();
    return value;
  }

  /** Empties the queue and returns its values, head first. */
  drain(): T[] {
    const values = [...this];
    this.clear();
    return values;
  }

  clear(): void {
    this.ring = new Array<T | undefined>(SMALLEST);
    this.head = 0;
    this.size = 0;
  }

  *[Symbol.iterator](): IterableIterator<T> {
    for (let i = 0; i < this.size; i++) yield this.ring[(this.head + i) & (this.ring.length - 1)] as T;
  }

  private grow(): void {
    const { length } = this.ring;
    const larger = new Array<T | undefined>(length * 2);
    for (let i = 0; i < this.size; i++) larger[i] = this.ring[(this.head + i) & (length - 1)];
    this.ring = larger;
    this.head = 0;
  }
}
