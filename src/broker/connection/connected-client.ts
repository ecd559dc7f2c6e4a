import { asyncScheduler, type Subscriber, type Subscription } from 'rxjs';
import type { AckPacket, ConnectPacket, ProtocolVersion, PublishPacket, WillPacket } from '../../packet/packets.js';
import type { ConnectedClient } from '../access/connected-client.js';
import type { AuthenticationExchange } from '../access/enhanced-authentication.js';
import type { Publisher } from '../routing/backpressure.js';
import type { Session } from '../session/session.js';
import type { ClientWriter } from './client-writer.js';

/** What carries the messages of a client. */
export type InboundPacket = PublishPacket | (AckPacket & { readonly cmd: 'pubrel' });

/** One client from its CONNACK to the end of its connection. */
export class Client implements ConnectedClient, Publisher {
  readonly protocolVersion: ProtocolVersion;
  readonly username: string | undefined;
  readonly clean: boolean;
  readonly connectedAt = asyncScheduler.now();
  /** What is published when the connection ends, unless the client says goodbye. */
  will: WillPacket | undefined;
  /** How it proves itself anew, where an authentication method was agreed on. */
  authentication: { readonly method: string; begin(): AuthenticationExchange } | undefined = undefined;
  /** The exchange in which it does so now. */
  exchange: AuthenticationExchange | undefined = undefined;
  /** Takes its messages; made at the first of them, because most clients seldom publish. */
  inbound: Subscriber<InboundPacket> | undefined = undefined;
  /** Why it ended: what the broker said, or what the client did; 0 when the line was lost. */
  endCode = 0;

  constructor(
    connect: ConnectPacket,
    readonly clientId: string,
    readonly keepalive: number,
    readonly listener: string,
    readonly writer: ClientWriter,
    readonly session: Session,
    /** What goes on for it ends with its connection. */
    readonly work: Subscription,
  ) {
    this.protocolVersion = connect.protocolVersion;
    this.username = connect.username;
    this.clean = connect.clean;
    this.will = connect.will;
  }

  get address(): string | undefined {
    return this.writer.connection.peer.address;
  }

  get recipient(): Session {
    return this.session;
  }

  get owesAcknowledgements(): boolean {
    return !this.session.idle;
  }

  pause(): void {
    this.writer.connection.pause();
  }

  resume(): void {
    this.writer.connection.resume();
  }
}
