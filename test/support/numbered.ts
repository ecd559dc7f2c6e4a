import { firstValueFrom, filter } from 'rxjs';
import type { MqttClient } from '../../src/index.js';

/** Counts numbered messages: which came, which came twice, and whether they came in order. */
export class Tally {
  readonly counts = new Map<number, number>();
  outOfOrder = 0;
  private newest = -1;

  count(text: string): void {
    const number = Number(text);
    const times = (this.counts.get(number) ?? 0) + 1;
    this.counts.set(number, times);
    if (times === 1 && number < this.newest) this.outOfOrder++;
    this.newest = Math.max(this.newest, number);
  }

  /** Of so many messages. */
  summary(sent: number): { readonly lost: number; readonly doubled: number } {
    let lost = 0;
    for (let number = 0; number < sent; number++) if (!this.counts.has(number)) lost++;
    return { lost, doubled: [...this.counts.values()].filter((times) => times > 1).length };
  }
}

/** Waits until a condition holds; rejects when it does not come to hold within `patience` ms. */
export async function until(condition: () => boolean, patience = 20_000): Promise<void> {
  const started = performance.now();
  while (!condition()) {
    if (performance.now() - started > patience)
      throw new Error(`it does not hold after ${patience} ms: ${String(condition)}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Waits until the broker has granted a subscription. */
export function granted(client: MqttClient, topicFilter: string): Promise<unknown> {
  return firstValueFrom(
    client.subscriptions$.pipe(filter((subscriptions) => subscriptions.get(topicFilter)?.status === 'active')),
  );
}
