import { elapsed } from '../rx/clock.js';
import { BoundedCache } from '../topic/bounded-cache.js';

/** ms without a retained message after which no more are expected. */
const PATIENCE = 5000;

/** How many topics are counted. */
const COUNTED_TOPICS = 10_000;

/**
 * The replays of retained messages that may be on their way to one subscription: each SUBSCRIBE brings at most one for
 * each topic, and soon. Any other message with RETAIN is live: some brokers do not clear the flag.
 */
export class ExpectedReplays {
  /** SUBSCRIBE packets since one was sent with none unanswered. */
  private asked = 0;
  private unanswered = 0;
  private until = -Infinity;
  /** Of each topic, meanwhile. */
  private seen: BoundedCache<string, number> | undefined = undefined;

  /** @param isLasting - identifiers tell replays apart, however late they come. */
  requested(isLasting: boolean): void {
    if (this.unanswered === 0) {
      this.asked = 0;
      this.seen = undefined;
    }
    this.asked++;
    this.unanswered++;
    if (isLasting) this.until = Infinity;
  }

  /** SUBACK came, or will never come. */
  answered(): void {
    this.unanswered--;
    this.wait();
  }

  /** A message with RETAIN came. */
  came(topic: string): void {
    if (!this.isOpen) return;
    this.seen ??= new BoundedCache(COUNTED_TOPICS);
    this.seen.set(topic, this.seenOf(topic) + 1);
    this.wait();
  }

  /** How many messages of the topic with RETAIN have come. */
  seenOf(topic: string): number {
    return this.seen?.get(topic) ?? 0;
  }

  /** How many replays of each topic there may be, those that came included. */
  get most(): number {
    return this.isOpen ? this.asked : 0;
  }

  private get isOpen(): boolean {
    return this.unanswered > 0 || this.until === Infinity || elapsed() <= this.until;
  }

  private wait(): void {
    this.until = Math.max(this.until, elapsed() + PATIENCE);
  }
}
