/** An element of a heap. */
export interface HeapItem {
  /** Its position, which only the heap sets; -1 while it is in none. */
  at: number;
}

/** A binary heap whose items know their positions, so that removal takes logarithmic time as well. */
export class Heap<T extends HeapItem> {
  private readonly items: T[] = [];

  /** Of two items, the lesser one as `compare` has it comes first. */
  constructor(private readonly compare: (a: T, b: T) => number) {}

  get size(): number {
    return this.items.length;
  }

  get first(): T | undefined {
    return this.items[0];
  }

  /** All items, in order. */
  values(): readonly T[] {
    return [...this.items].sort(this.compare);
  }

  add(item: T): void {
    item.at = this.items.length;
    this.items.push(item);
    this.rise(item);
  }

  remove(item: T): void {
    const { at } = item;
    if (at < 0) return;
    item.at = -1;
    const last = this.items.pop() as T;
    if (last === item) return;
    last.at = at;
    this.items[at] = last;
    this.rise(last);
    this.sink(last);
  }

  clear(): void {
    for (const item of this.items) item.at = -1;
    this.items.length = 0;
  }

  private rise(item: T): void {
    while (item.at > 0) {
      const parent = this.items[(item.at - 1) >> 1] as T;
      if (this.compare(parent, item) <= 0) return;
      this.swap(parent, item);
    }
  }

  private sink(item: T): void {
    for (;;) {
      const left = this.items[2 * item.at + 1];
      const right = this.items[2 * item.at + 2];
      const child = left !== undefined && right !== undefined && this.compare(right, left) < 0 ? right : left;
      if (child === undefined || this.compare(item, child) <= 0) return;
      this.swap(item, child);
    }
  }

  private swap(a: T, b: T): void {
    const { at } = a;
    a.at = b.at;
    b.at = at;
    this.items[a.at] = a;
    this.items[b.at] = b;
  }
}
