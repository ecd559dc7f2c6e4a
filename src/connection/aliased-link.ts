import { encodePublish, publishSize } from '../packet/encode.js';
import { LARGEST_PACKET } from '../packet/limits.js';
import { PublishPacket } from '../packet/publish-packet.js';
import { Link, type PublishFields } from './link.js';
import { OutboundAliases } from './outbound-aliases.js';

/** A link on which topics that were sent before go out as a number, as far as the broker takes them. */
export class AliasedLink extends Link {
  private readonly aliases = new OutboundAliases(this.limits.topicAliasMaximum);

  /** Writes PUBLISH with an alias in place of its topic, or with the alias that stands for its topic from now on. */
  override publish(message: PublishFields, dup: boolean): void {
    if (this.parted) return;
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
    if (this.tap.observed) {
      const shown = alias === 0 ? properties : { ...properties, topicAlias: alias };
      this.tap.show('out', new PublishPacket(name, payload, qos, retain, dup, packetId, shown));
    }
  }

  /** None where the packet would exceed what the broker takes because of it [MQTT-3.2.2-15]. */
  private newAlias({ topic, payload, qos, properties }: PublishFields): number {
    const topicAlias = this.aliases.next(topic);
    const { maximumPacketSize } = this.limits;
    if (topicAlias === 0 || maximumPacketSize === LARGEST_PACKET) return topicAlias;
    return publishSize(5, topic, payload, qos, { ...properties, topicAlias }) > maximumPacketSize ? 0 : topicAlias;
  }
}
