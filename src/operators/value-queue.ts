/** How many values may have left the head of the array before the rest is moved down. */
const SLACK = 1024;

/**
 * A first-in first-out queue. Values that left are cut off the array once they are more than those that stay, so that
 * a value costs the same however many wait.
 */
export class ValueQueue<T> {
  private values: (T | undefined)[] = [];
  private head = 0;

  get size(): number {
    return this.values.length - this.head;
  }

  push(value: T): void {
    this.values.push(value);
  }

  /** Takes the value that waited longest; there must be one. */
  shift(): T {
    const value = this.values[this.head] as T;
    this.values[this.head++] = undefined;
    if (this.head === this.values.length) {
      this.values.length = 0;
      this.head = 0;
    } else if (this.head > SLACK && this.head * 2 > this.values.length) {
      this.values = this.values.slice(this.head);
      this.head = 0;
    }
    return value;
  }

  clear(): void {
    this.values = [];
    this.head = 0;
  }
}
