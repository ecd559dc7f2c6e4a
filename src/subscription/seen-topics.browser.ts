import { BoundedCache } from '../topic/bounded-cache.js';
import type { SeenTopics as Seen } from './seen-topics.js';

const REMEMBERED_TOPICS = 10_000;

/** In the place of `seen-topics.ts` in browsers, where the memory of one topic does not matter. */
export class SeenTopics implements Pick<Seen, keyof Seen> {
  private readonly rounds = new BoundedCache<string, number>(REMEMBERED_TOPICS);

  constructor(topic: string, round: number) {
    this.rounds.set(topic, round);
  }

  note(topic: string, round: number): void {
    if (round > this.roundOf(topic)) this.rounds.set(topic, round);
  }

  roundOf(topic: string): number {
    return this.rounds.get(topic) ?? -1;
  }
}
