/** The topic aliases that the broker has bound on one connection; the first topics get them [MQTT-3.1.2-26]. */
export class BoundAliases {
  private readonly aliases = new Map<string, number>();

  constructor(private readonly maximum: number) {}

  /** The topic's alias; 0 when it has none. */
  of(topic: string): number {
    return this.aliases.get(topic) ?? 0;
  }

  /** Binds the next alias to the topic; 0 when all are taken. */
  bind(topic: string): number {
    if (this.aliases.size >= this.maximum) return 0;
    const alias = this.aliases.size + 1;
    this.aliases.set(topic, alias);
    return alias;
  }
}
