import type { Subscription } from 'rxjs';
import { ClosedError, type PublishError } from '../../errors.js';
import { encodeAny } from '../../packet/encode-any.js';
import { encodeAck, encodePublish, publishSize } from '../../packet/encode.js';
import { LARGEST_PACKET, type SendLimits } from '../../packet/limits.js';
import type { AckCommand, DisconnectPacket, Packet, SubackPacket } from '../../packet/packets.js';
import { reasonCodeName } from '../../packet/reason-codes.js';
import type { OutgoingPublish } from '../../session/outgoing-publish.js';
import type { AcceptedConnection } from '../../transport/transport.js';
import type { BrokerCounters } from '../counters.js';
import type { FanOut } from '../routing/fan-out.js';
import type { ClientPort } from '../session/client-port.js';
import { BoundAliases } from './bound-aliases.js';
import { fits } from './connack.js';
import type { Departing, DepartureControl } from './departing.js';
import { HeldAcks } from './held-acks.js';

/** Hears about the connection of a client. */
export interface WriterOwner {
  /** The broker ends the connection. */
  onDisconnect(reason: ClosedError): void;
  /** The socket has room again after it was full. */
  onDrained(): void;
}

const NO_INTERCEPTORS = { isEmpty: true } as const;

/** Writes packets to one client. */
export class ClientWriter implements ClientPort {
  /** DISCONNECT was written, or the connection was given up: nothing may follow [MQTT-3.14.4-1]. */
  private ended = false;
  private disconnected = false;
  /** The limits for the sender, without the packet size, which is checked here. */
  readonly limits: SendLimits;
  private departures: DepartureControl | undefined = undefined;
  // Of the departures, here at hand: most messages leave as they are, to a thousand clients at a time.
  private decidesAlways = false;
  private interceptors: DepartureControl['interceptors'] = NO_INTERCEPTORS;
  /** They were asked: messages may differ on the wire. */
  private hasAsked = false;
  private readonly aliases: BoundAliases | undefined;
  private drains: Subscription | undefined = undefined;
  private held: HeldAcks | undefined = undefined;
  /** `out.taken` when a message or PUBREL was written last, which the client will answer. */
  private askedAt = -1;

  constructor(
    readonly connection: AcceptedConnection,
    /** The client's limits. */
    readonly taking: SendLimits,
    topicAliasMaximum: number,
    private readonly counters: BrokerCounters,
    /** The client requested reason strings. */
    private readonly wantsReasons: boolean,
    private readonly owner: WriterOwner,
  ) {
    const { maximumPacketSize } = taking;
    this.limits = maximumPacketSize === LARGEST_PACKET ? taking : { ...taking, maximumPacketSize: LARGEST_PACKET };
    this.aliases = topicAliasMaximum > 0 ? new BoundAliases(topicAliasMaximum) : undefined;
  }

  /** Whether the socket has room. After a no, the owner is told when it has room again. */
  get congested(): boolean {
    if (!this.connection.congested) return false;
    this.drains ??= this.connection.drained$.subscribe(() => this.owner.onDrained());
    return true;
  }

  get taken(): number {
    const { out } = this.connection;
    return out.taken - this.connection.unsent();
  }

  get progress(): number {
    return this.taken - (this.connection.inWrite?.() ?? 0);
  }

  get acceptsPreEncoded(): boolean {
    return this.aliases === undefined && !this.decidesAlways && this.interceptors.isEmpty;
  }

  /** From now on they decide on what leaves: the client is known. */
  control(departures: DepartureControl): void {
    this.departures = departures;
    this.decidesAlways = departures.decidesAlways;
    this.interceptors = departures.interceptors;
  }

  /** Why a message may not leave for this client, if so. */
  refusal(message: OutgoingPublish): PublishError | undefined {
    if (!this.decidesAlways && this.interceptors.isEmpty) return undefined;
    this.hasAsked = true;
    return this.departures?.refusal(message);
  }

  /** Writes a packet, or drops it when it exceeds the client's maximum packet size [MQTT-3.1.2-24]. */
  send(packet: Packet): void {
    if (this.ended || !fits(packet, this.taking)) return;
    this.held?.release();
    encodeAny(packet, this.connection.out, this.limits.protocolVersion);
    this.connection.commit();
  }

  /** Writes a refusal, with its reason if the client requested it and it fits [MQTT-3.9.2-1] [MQTT-3.14.2-3]. */
  refuse(packet: SubackPacket | DisconnectPacket, reasonString: string | undefined): void {
    if (reasonString === undefined || !this.wantsReasons) return this.send(packet);
    const explained: Packet = { ...packet, properties: { ...packet.properties, reasonString } };
    this.send(fits(explained, this.taking) ? explained : packet);
  }

  publishPreEncoded(fanOut: FanOut): void {
    if (this.ended) return;
    this.held?.hurry();
    fanOut.write(this.connection.out, this.limits.protocolVersion);
    this.connection.commit();
    this.counters.delivered++;
  }

  publish(message: OutgoingPublish, dup: boolean): void {
    if (this.ended) return;
    const { qos, packetId } = message;
    const departing: Departing = (this.hasAsked ? this.departures?.of(message) : undefined) ?? message;
    const { topic, payload, retain, properties } = departing;
    const { protocolVersion } = this.limits;
    const { out } = this.connection;
    if (qos > 0) this.askedAt = out.taken;
    this.held?.hurry();
    const alias = this.aliases?.of(topic) ?? 0;
    if (alias !== 0) {
      encodePublish(out, protocolVersion, '', payload, qos, retain, dup, packetId, properties, alias);
    } else {
      const bound = this.mayBind(departing) ? (this.aliases?.bind(topic) ?? 0) : 0;
      encodePublish(out, protocolVersion, topic, payload, qos, retain, dup, packetId, properties, bound);
    }
    this.connection.commit();
    this.counters.delivered++;
  }

  acknowledge(cmd: AckCommand, packetId: number, reasonCode: number): void {
    if (this.ended) return;
    const { connection, limits } = this;
    if (cmd === 'pubrel') this.askedAt = connection.out.taken;
    else if (this.mustHold()) {
      this.held ??= new HeldAcks(connection, limits.protocolVersion);
      return this.held.add(cmd, packetId, reasonCode);
    }
    this.held?.goOn();
    encodeAck(connection.out, limits.protocolVersion, cmd, packetId, reasonCode);
    connection.commit();
  }

  /** The client has sent something. */
  heard(): void {
    this.held?.heard();
  }

  /** The connection is over. */
  stop(): void {
    this.ended = true;
  }

  disconnect(reasonCode: number): void {
    if (this.disconnected) return;
    this.disconnected = true;
    const message = `the broker ended the connection: ${reasonCodeName(reasonCode)}`;
    this.owner.onDisconnect(new ClosedError(message, { reasonCode }));
  }

  /** Sends DISCONNECT where the version has it (a code of 0 sends none), and closes. */
  end(reasonCode: number, reasonString?: string): void {
    if (this.ended) return;
    this.held?.release();
    if (reasonCode !== 0 && this.limits.protocolVersion === 5) {
      this.refuse({ cmd: 'disconnect', reasonCode }, reasonString);
    }
    this.ended = true;
    this.drains?.unsubscribe();
    this.connection.end();
  }

  /** See {@link HeldAcks}. PUBACKs and PUBRECs keep their order [MQTT-4.6.0-2] [MQTT-4.6.0-3]. */
  private mustHold(): boolean {
    const { connection, held } = this;
    if (held?.isEmpty === false) return true;
    if (held?.answersLate === true) return false;
    // The packet that the client will answer is in the same write.
    return connection.overTcp === true && this.askedAt === connection.out.taken;
  }

  /** The alias takes three bytes, and perhaps one more in the lengths. */
  private mayBind({ topic, payload, qos, properties }: Departing): boolean {
    if (this.aliases === undefined) return false;
    const { maximumPacketSize } = this.taking;
    if (maximumPacketSize === LARGEST_PACKET) return true;
    return publishSize(5, topic, payload, qos, properties) + 5 <= maximumPacketSize;
  }
}
