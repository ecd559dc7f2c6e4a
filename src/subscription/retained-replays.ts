import { BoundedCache } from '../topic/bounded-cache.js';

/** How many topics of a filter are remembered. */
const REMEMBERED_TOPICS = 10_000;

/**
 * Tells the retained messages that a later observer causes from those that the others have not seen yet, where there
 * are no subscription identifiers to tell them apart: remembers in which generation of a subscription each topic was
 * seen last. Most filters have but one topic.
 */
export class RetainedReplays {
  private others: BoundedCache<string, number> | undefined = undefined;

  constructor(
    private readonly first: string,
    private generation: number,
  ) {}

  /** Notes a message in a generation; an earlier generation changes nothing. */
  note(topic: string, generation: number): void {
    if (generation <= this.lastSeen(topic)) return;
    if (topic === this.first) this.generation = generation;
    else (this.others ??= new BoundedCache(REMEMBERED_TOPICS)).set(topic, generation);
  }

  /** The last generation with a message of the topic; -1 where there was none. */
  lastSeen(topic: string): number {
    return topic === this.first ? this.generation : (this.others?.get(topic) ?? -1);
  }
}
