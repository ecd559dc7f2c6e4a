import { asyncScheduler, type Subscriber, type Subscription } from 'rxjs';
import type { AckPacket, ConnectPacket, ProtocolVersion, PublishPacket, WillPacket } from '../../packet/packets.js';
import type { ConnectedClient } from '../access/connected-client.js';
import type { AuthenticationExchange } from '../access/enhanced-authentication.js';
import type { Publisher } from '../routing/backpressure.js';
import type { Session } from '../session/session.js';
import type { ClientWriter } from './client-writer.js';
import { Pause, type ReadGate } from './read-gate.js';

/** The pipeline of a client's messages. */
export type InboundPacket = PublishPacket | (AckPacket & { readonly cmd: 'pubrel' });

/** One client from its CONNACK to the end of its connection. */
export class Client implements ConnectedClient, Publisher {
  readonly protocolVersion: ProtocolVersion;
  readonly username: string | undefined;
  readonly clean: boolean;
  readonly connectedAt = asyncScheduler.now();
  /** The will, published when the connection ends without a normal DISCONNECT. */
  will: WillPacket | undefined;
  /** Re-authenticates the client, if an authentication method was agreed on. */
  authentication: { readonly method: string; begin(): AuthenticationExchange } | undefined = undefined;
  /** The re-authentication in progress. */
  exchange: AuthenticationExchange | undefined = undefined;
  /** Takes its messages; made at the first one, because most clients seldom publish. */
  inbound: Subscriber<InboundPacket> | undefined = undefined;
  /** Why it ended: the reason code of the broker or the client; 0 when the connection was lost. */
  endCode = 0;

  constructor(
    connect: ConnectPacket,
    readonly clientId: string,
    readonly keepalive: number,
    readonly listener: string,
    readonly writer: ClientWriter,
    readonly gate: ReadGate,
    readonly session: Session,
    /** Ends with the connection. */
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
    this.gate.close(Pause.CONGESTION);
  }

  resume(): void {
    this.gate.open(Pause.CONGESTION);
  }
}
