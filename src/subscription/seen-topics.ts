import { BoundedCache } from '../topic/bounded-cache.js';

/** How many topics are remembered. */
const REMEMBERED_TOPICS = 10_000;

/** The topics of which an entry had messages, and in which of its rounds last. Most entries have but one topic. */
export class SeenTopics {
  private others: BoundedCache<string, number> | undefined = undefined;

  constructor(
    private readonly first: string,
    private round: number,
  ) {}

  /** Notes a message in a round; an earlier round changes nothing. */
  note(topic: string, round: number): void {
    if (round <= this.roundOf(topic)) return;
    if (topic === this.first) this.round = round;
    else (this.others ??= new BoundedCache(REMEMBERED_TOPICS)).set(topic, round);
  }

  /** The last round with a message of the topic; -1 where there was none. */
  roundOf(topic: string): number {
    return topic === this.first ? this.round : (this.others?.get(topic) ?? -1);
  }
}
