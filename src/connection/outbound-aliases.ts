/** An alias takes three bytes and may lengthen the property length by one: shorter topics gain nothing. */
const WORTH_AN_ALIAS = 5;

/**
 * The topic aliases we bound on one connection. When all are taken, the least recently used topic loses its alias. The
 * packet that carries topic and alias binds it: ask for the alias when writing that packet, record it afterwards.
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

  /** The topic's alias on this connection; 0 if it has none. */
  of(topic: string): number {
    if (topic === this.lastTopic) return this.lastAlias;
    const alias = this.aliases.get(topic);
    if (alias === undefined) return 0;
    this.aliases.delete(topic);
    this.use(topic, alias);
    return alias;
  }

  /** The alias to bind to the topic; 0 if the topic is too short to gain. */
  next(topic: string): number {
    if (topic.length < WORTH_AN_ALIAS) return 0;
    if (this.aliases.size < this.maximum) return this.aliases.size + 1;
    for (const alias of this.aliases.values()) return alias;
    return 0;
  }

  /** Records that the topic was sent with the alias from {@link next}. */
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
