import { BoundedCache } from '../topic/bounded-cache.js';

/** How many topics of a filter are remembered. */
const REMEMBERED_TOPICS = 10_000;

/**
 * Without subscription identifiers, tells the replay that a later observer causes from messages that earlier ones have
 * not seen: remembers for each topic the generation in which it last arrived. Most filters have one topic.
 */
export class RetainedReplays {
  private others: BoundedCache<string, number> | undefined = undefined;

  constructor(
    private readonly first: string,
    private generation: number,
  ) {}

  /** Records a message; an earlier generation changes nothing. */
  note(topic: string, generation: number): void {
    if (generation <= this.lastSeen(topic)) return;
    if (topic === this.first) this.generation = generation;
    else (this.others ??= new BoundedCache(REMEMBERED_TOPICS)).set(topic, generation);
  }

  /** The last generation with a message of the topic; -1 when there was none. */
  lastSeen(topic: string): number {
    return topic === this.first ? this.generation : (this.others?.get(topic) ?? -1);
  }
}
