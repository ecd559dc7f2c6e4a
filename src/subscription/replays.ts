import { elapsed } from '../rx/clock.js';
import { BoundedCache } from '../topic/bounded-cache.js';

/** ms without a retained message after which no more are expected. */
const PATIENCE = 5000;

/** How many topics of a filter are remembered. */
const REMEMBERED_TOPICS = 10_000;

/** The retained messages that one subscription may still get, and the generation in which it last saw each topic. */
export class Replays {
  /** Counts the SUBSCRIBE packets sent or about to be sent. */
  generation = 0;
  /** The last generation that the broker has granted. */
  private lastGranted = -1;
  /**
   * SUBSCRIBE packets since one was sent with none unanswered. Each brings at most one replay for each topic, and soon.
   */
  private asked = 0;
  private unanswered = 0;
  private until = -Infinity;
  /** Messages with RETAIN meanwhile, by topic. */
  private came: BoundedCache<string, number> | undefined = undefined;
  /** Most filters have one topic. */
  private firstTopic: string | undefined = undefined;
  private firstSeen = -1;
  private others: BoundedCache<string, number> | undefined = undefined;

  /** @param isLasting - identifiers tell replays apart, however late they come. */
  requested(isLasting: boolean): void {
    if (this.unanswered === 0) {
      this.asked = 0;
      this.came = undefined;
    }
    this.asked++;
    this.unanswered++;
    if (isLasting) this.until = Infinity;
  }

  /** SUBACK granted this generation; or it refused, or will never come. */
  answered(granted = -1): void {
    this.lastGranted = Math.max(this.lastGranted, granted);
    this.unanswered--;
    this.wait();
  }

  /**
   * How many replays of each topic there may be, those that came included. Some brokers leave RETAIN on live messages.
   */
  get expected(): number {
    const isOpen = this.unanswered > 0 || this.until === Infinity || elapsed() <= this.until;
    return isOpen ? this.asked : 0;
  }

  /** How many messages of the topic with RETAIN have come. */
  cameOf(topic: string): number {
    return this.came?.get(topic) ?? 0;
  }

  /** A message with RETAIN came. */
  add(topic: string): void {
    if (this.expected === 0) return;
    this.came ??= new BoundedCache(REMEMBERED_TOPICS);
    this.came.set(topic, this.cameOf(topic) + 1);
    this.wait();
  }

  /**
   * Records that the topic was seen; an earlier generation changes nothing. A live message does not count as the
   * retained one that an unanswered SUBSCRIBE will bring.
   */
  see(topic: string, isRetained: boolean): void {
    const generation = isRetained ? this.generation : this.lastGranted;
    if (generation <= this.lastSeen(topic)) return;
    this.firstTopic ??= topic;
    if (topic === this.firstTopic) this.firstSeen = generation;
    else (this.others ??= new BoundedCache(REMEMBERED_TOPICS)).set(topic, generation);
  }

  /** The last generation with a message of the topic; -1 when there was none. */
  lastSeen(topic: string): number {
    return topic === this.firstTopic ? this.firstSeen : (this.others?.get(topic) ?? -1);
  }

  private wait(): void {
    this.until = Math.max(this.until, elapsed() + PATIENCE);
  }
}
