import { encodePublish, publishSize } from '../packet/encode.js';
import { LARGEST_PACKET } from '../packet/limits.js';
import { PublishPacket } from '../packet/publish-packet.js';
import { Link, type OutgoingFields } from './link.js';
import { OutboundAliases } from './outbound-aliases.js';

/** A link that replaces repeated topics with topic aliases, up to the broker's limit. */
export class AliasedLink extends Link {
  private readonly aliases = new OutboundAliases(this.limits.topicAliasMaximum);

  /** Writes PUBLISH with the topic's alias in place of the topic, or with both to bind a new alias. */
  override publish(message: OutgoingFields, dup: boolean): void {
    if (this.disconnected) return;
    const { aliases } = this;
    const { topic, payload, qos, retain, packetId, properties } = message;
    const { connection } = this;
    const known = aliases.of(topic);
    const alias = known === 0 ? this.newAlias(message) : known;
    const name = known === 0 ? topic : '';
    encodePublish(connection.out, 5, name, payload, qos, retain, dup, packetId, properties, alias);
    if (known === 0 && alias !== 0) aliases.bound(topic, alias);
    connection.commit();
    this.tap.traffic.packetsOut++;
    if (this.tap.packets.observed) {
      const shown = alias === 0 ? properties : { ...properties, topicAlias: alias };
      this.show(new PublishPacket(name, payload, qos, retain, dup, packetId, shown));
    }
  }

  /** Returns 0 if the alias would push the packet past the broker's limit [MQTT-3.2.2-15]. */
  private newAlias({ topic, payload, qos, properties }: OutgoingFields): number {
    const topicAlias = this.aliases.next(topic);
    const { maximumPacketSize } = this.limits;
    if (topicAlias === 0 || maximumPacketSize === LARGEST_PACKET) return topicAlias;
    return publishSize(5, topic, payload, qos, { ...properties, topicAlias }) > maximumPacketSize ? 0 : topicAlias;
  }
}
