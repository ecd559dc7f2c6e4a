/** How many values may leave the head of the array before the rest moves down. */
const SLACK = 1024;

/**
 * A first-in first-out queue. The array drops the values that left once they outnumber those that stay, so that the
 * cost per value does not depend on how many wait.
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

  /** Takes the oldest value; there must be one. */
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
