/** An element of a heap, ordered by due time and then by number. */
export interface Timed {
  due: number;
  order: number;
  /** Its position in the heap; -1 while it is in none. */
  at: number;
}

/** A binary heap whose elements know their positions, so that removal takes logarithmic time as well. */
export class TimerHeap<T extends Timed> {
  private readonly items: T[] = [];

  get first(): T | undefined {
    return this.items[0];
  }

  values(): readonly T[] {
    return [...this.items].sort(compare);
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

  private rise(item: T): void {
    while (item.at > 0) {
      const parent = this.items[(item.at - 1) >> 1] as T;
      if (compare(parent, item) <= 0) return;
      this.swap(parent, item);
    }
  }

  private sink(item: T): void {
    for (;;) {
      const left = this.items[2 * item.at + 1];
      const right = this.items[2 * item.at + 2];
      const child = left !== undefined && right !== undefined && compare(right, left) < 0 ? right : left;
      if (child === undefined || compare(item, child) <= 0) return;
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

const compare = (a: Timed, b: Timed): number => a.due - b.due || a.order - b.order;
