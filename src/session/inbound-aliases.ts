import { ProtocolError } from '../errors.js';
import type { PublishPacket } from '../packet/publish-packet.js';

/** The topic aliases that the peer has bound on one connection [MQTT-3.3.2-7]. */
export class InboundAliases {
  private readonly topics = new Map<number, string>();

  constructor(
    /** The Topic Alias Maximum that we announced; 0 accepts none. */
    private readonly maximum: number,
  ) {}

  /** Fills in the topic that the alias stands for, or binds the alias to the topic it came with. */
  resolve(message: PublishPacket, alias: number): void {
    if (alias === 0 || alias > this.maximum) {
      throw new ProtocolError(`PUBLISH has topic alias ${alias}, the maximum is ${this.maximum}`, { reasonCode: 0x94 });
    }
    if (message.topic !== '') {
      this.topics.set(alias, message.topic);
      return;
    }
    const topic = this.topics.get(alias);
    if (topic === undefined) {
      throw new ProtocolError(`PUBLISH has topic alias ${alias}, which is not bound`, { reasonCode: 0x82 });
    }
    message.topic = topic;
  }
}
