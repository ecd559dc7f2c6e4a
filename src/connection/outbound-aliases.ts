/** A topic alias takes three bytes, and may make the property length a byte longer: shorter topics would not gain. */
const WORTH_AN_ALIAS = 5;

/**
 * The topic aliases that we have bound on one connection. When all are taken, the topic that was not used for longest
 * gives its alias up. An alias is bound by the packet that carries topic and alias, so it is asked for when that packet
 * is written, and noted once it is written.
 */
export class OutboundAliases {
  /** Least recently used first. */
  private readonly aliases = new Map<string, number>();
  private lastTopic = '';
  private lastAlias = 0;

  constructor(
    /** The broker's Topic Alias Maximum [MQTT-3.2.2-17]; at least 1. */
    private readonly maximum: number,
  ) {}

  /** The alias that stands for the topic on this connection; 0 when it has none. */
  of(topic: string): number {
    if (topic === this.lastTopic) return this.lastAlias;
    const alias = this.aliases.get(topic);
    if (alias === undefined) return 0;
    this.aliases.delete(topic);
    this.use(topic, alias);
    return alias;
  }

  /** The alias that the next topic would be bound to; 0 when the topic is too short to gain by one. */
  next(topic: string): number {
    if (topic.length < WORTH_AN_ALIAS) return 0;
    if (this.aliases.size < this.maximum) return this.aliases.size + 1;
    for (const alias of this.aliases.values()) return alias;
    return 0;
  }

  /** The topic was sent together with the alias that {@link next} gave. */
  bound(topic: string, alias: number): void {
    if (this.aliases.size === this.maximum) {
      for (const oldest of this.aliases.keys()) {
        this.aliases.delete(oldest);
        break;
      }
    }
    this.use(topic, alias);
  }

  private use(topic: string, alias: number): void {
    this.aliases.set(topic, alias);
    this.lastTopic = topic;
    this.lastAlias = alias;
  }
}
