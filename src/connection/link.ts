import type { Observable } from 'rxjs';
import { encode, encodeAck, encodePublish, type SentByClient } from '../packet/encode.js';
import type {
  AckCommand,
  ConnackPacket,
  DisconnectProperties,
  Packet,
  PublishProperties,
  QoS,
} from '../packet/packets.js';
import { PublishPacket } from '../packet/publish-packet.js';
import type { Connection } from '../transport/transport.js';
import type { Negotiated } from './negotiated.js';
import type { PacketTap } from './packet-tap.js';

/** The fields of a PUBLISH. */
export interface OutgoingFields {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: QoS;
  readonly retain: boolean;
  readonly packetId: number;
  readonly properties: PublishProperties | undefined;
}

/** One accepted connection: packets in, packets out. It ends with the underlying connection. */
export class Link {
  /** DISCONNECT was written; nothing may follow it [MQTT-3.14.4-1]. */
  protected disconnected = false;

  constructor(
    readonly url: string,
    readonly connection: Connection,
    readonly connack: ConnackPacket,
    /** The limits negotiated by CONNECT and CONNACK. */
    readonly limits: Negotiated,
    /** The packets after CONNACK; hot, for one observer. When it ends, the connection is lost. */
    readonly packets$: Observable<Packet>,
    protected readonly tap: PacketTap,
  ) {}

  get sessionPresent(): boolean {
    return this.connack.sessionPresent;
  }

  /** Whether we ended the connection ourselves. */
  get isLeft(): boolean {
    return this.disconnected;
  }

  get congested(): boolean {
    return this.connection.congested;
  }

  send(packet: SentByClient): void {
    if (this.disconnected) return;
    encode(packet, this.connection.out, this.limits.protocolVersion);
    this.connection.commit();
    this.tap.traffic.packetsOut++;
    if (this.tap.packets.observed) this.show(packet);
  }

  /** Writes PUBLISH without creating a packet object. */
  publish(message: OutgoingFields, dup: boolean): void {
    if (this.disconnected) return;
    const { topic, payload, qos, retain, packetId, properties } = message;
    const { connection } = this;
    encodePublish(connection.out, this.limits.protocolVersion, topic, payload, qos, retain, dup, packetId, properties);
    connection.commit();
    this.tap.traffic.packetsOut++;
    if (this.tap.packets.observed) {
      this.show(new PublishPacket(topic, payload, qos, retain, dup, packetId, properties));
    }
  }

  acknowledge(cmd: AckCommand, packetId: number, reasonCode: number): void {
    if (this.disconnected) return;
    encodeAck(this.connection.out, this.limits.protocolVersion, cmd, packetId, reasonCode);
    this.connection.commit();
    this.tap.traffic.packetsOut++;
    if (this.tap.packets.observed) this.show({ cmd, packetId, reasonCode });
  }

  /**
   * Writes DISCONNECT as the last packet and closes our side. In 3.1.1 every DISCONNECT discards the will, so for any
   * other reason the connection is closed without one.
   */
  disconnect(reasonCode: number, properties?: DisconnectProperties): void {
    if (this.disconnected) return;
    if (this.limits.protocolVersion === 5 || reasonCode === 0) this.send({ cmd: 'disconnect', reasonCode, properties });
    this.disconnected = true;
    this.connection.end();
  }

  protected show(packet: Packet): void {
    this.tap.packets.next({ direction: 'out', packet });
  }
}
