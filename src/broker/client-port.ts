import { encodeAny } from '../packet/encode-any.js';
import { encodeAck, encodePublish, publishSize } from '../packet/encode.js';
import { LARGEST_PACKET, type SendLimits } from '../packet/limits.js';
import type { AckCommand, DisconnectPacket, Packet, SubackPacket } from '../packet/packets.js';
import { WriteBuffer } from '../packet/write-buffer.js';
import type { Outgoing } from '../session/outgoing.js';
import type { SendPort } from '../session/sender-options.js';
import type { AcceptedConnection } from '../transport/transport.js';
import type { BrokerCounters } from './counters.js';
import type { FanOut } from './fan-out.js';
import { OutboundAliases } from './outbound-aliases.js';

/** What the broker writes to one client. */
export class ClientPort implements SendPort {
  /** DISCONNECT was written, or the connection was given up: nothing may follow [MQTT-3.14.4-1]. */
  private parted = false;
  private readonly aliases: OutboundAliases | undefined;

  constructor(
    readonly connection: AcceptedConnection,
    readonly limits: SendLimits,
    topicAliasMaximum: number,
    private readonly counters: BrokerCounters,
    /** The client wants to know why something is refused. */
    private readonly wantsReasons: boolean,
  ) {
    this.aliases = topicAliasMaximum > 0 ? new OutboundAliases(topicAliasMaximum) : undefined;
  }

  get congested(): boolean {
    return this.connection.congested;
  }

  /** Whether a QoS 0 frame that was encoded for others fits this client as it is. */
  get takesShared(): boolean {
    return this.aliases === undefined && this.limits.maximumPacketSize === LARGEST_PACKET;
  }

  /** Writes a packet, or drops it when the client would not take one of that size [MQTT-3.1.2-24]. */
  send(packet: Packet): void {
    if (this.parted) return;
    const { connection, limits } = this;
    if (limits.maximumPacketSize === LARGEST_PACKET) {
      encodeAny(packet, connection.out, limits.protocolVersion);
    } else {
      const apart = new WriteBuffer(512);
      encodeAny(packet, apart, limits.protocolVersion);
      if (apart.length > limits.maximumPacketSize) return;
      for (const chunk of apart.take()) connection.out.append(chunk);
    }
    connection.commit();
  }

  /** Writes a refusal with its reason, where the client wants it and takes it [MQTT-3.9.2-1] [MQTT-3.14.2-3]. */
  refuse(packet: SubackPacket | DisconnectPacket, reasonString: string | undefined): void {
    if (reasonString === undefined || !this.wantsReasons) return this.send(packet);
    const explained: Packet = { ...packet, properties: { ...packet.properties, reasonString } };
    this.send(this.takes(explained) ? explained : packet);
  }

  /** Writes a QoS 0 message that others get as well; see {@link takesShared}. */
  publishShared(fanOut: FanOut): void {
    if (this.parted) return;
    fanOut.write(this.connection.out, this.limits.protocolVersion);
    this.connection.commit();
    this.counters.delivered++;
  }

  publish(message: Outgoing, dup: boolean): void {
    if (this.parted) return;
    const { topic, payload, qos, retain, packetId, properties } = message;
    const { protocolVersion } = this.limits;
    const { out } = this.connection;
    const alias = this.aliases?.of(topic) ?? 0;
    if (alias !== 0) {
      encodePublish(out, protocolVersion, '', payload, qos, retain, dup, packetId, properties, alias);
    } else {
      const bound = this.mayBind(message) ? (this.aliases?.bind(topic) ?? 0) : 0;
      encodePublish(out, protocolVersion, topic, payload, qos, retain, dup, packetId, properties, bound);
    }
    this.connection.commit();
    this.counters.delivered++;
  }

  acknowledge(cmd: AckCommand, packetId: number, reasonCode: number): void {
    if (this.parted) return;
    encodeAck(this.connection.out, this.limits.protocolVersion, cmd, packetId, reasonCode);
    this.connection.commit();
  }

  /** Says goodbye where the version has words for it (a code of 0 says nothing), and closes. */
  part(reasonCode: number, reasonString?: string): void {
    if (this.parted) return;
    if (reasonCode !== 0 && this.limits.protocolVersion === 5) {
      this.refuse({ cmd: 'disconnect', reasonCode }, reasonString);
    }
    this.parted = true;
    this.connection.end();
  }

  private takes(packet: Packet): boolean {
    const { maximumPacketSize, protocolVersion } = this.limits;
    if (maximumPacketSize === LARGEST_PACKET) return true;
    const apart = new WriteBuffer(512);
    encodeAny(packet, apart, protocolVersion);
    return apart.length <= maximumPacketSize;
  }

  /** The alias itself takes three bytes, and perhaps one more for the lengths. */
  private mayBind({ topic, payload, qos, properties }: Outgoing): boolean {
    if (this.aliases === undefined) return false;
    const { maximumPacketSize } = this.limits;
    if (maximumPacketSize === LARGEST_PACKET) return true;
    return publishSize(5, topic, payload, qos, properties) + 5 <= maximumPacketSize;
  }
}
