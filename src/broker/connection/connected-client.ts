import type { Subscriber, Subscription } from 'rxjs';
import type { AckPacket, ProtocolVersion, PublishPacket, QoS, WillPacket } from '../../packet/packets.js';
import type { ClientBounds } from '../access/changes.js';
import type { ConnectedClient } from '../access/connected-client.js';
import type { AuthenticationExchange } from '../access/enhanced-authentication.js';
import type { DisconnectKind } from '../events.js';
import type { Publisher } from '../routing/backpressure.js';
import type { Session } from '../session/session.js';
import type { ClientWriter } from './client-writer.js';
import type { ConnectionPolicy } from './listener-policy.js';
import type { RateWindow } from './rate-window.js';
import type { SubscriptionRequests } from './subscription-requests.js';
import { Pause, type ReadGate } from './read-gate.js';

/** The pipeline of a client's messages. */
export type InboundPacket = PublishPacket | (AckPacket & { readonly cmd: 'pubrel' });

/** How a client authenticates anew. */
export interface Reauthentication {
  readonly method: string;
  /** How often it did lately. */
  readonly recent: RateWindow;
  begin(): AuthenticationExchange;
}

/** One client from its CONNACK to the end of its connection. */
export class Client implements ConnectedClient, ClientBounds, Publisher {
  readonly clientId: string;
  readonly protocolVersion: ProtocolVersion;
  readonly username: string | undefined;
  readonly keepalive: number;
  readonly listener: string;
  readonly clean: boolean;
  readonly connectedAt: number;
  readonly mountPoint: string;
  readonly maxQos: QoS;
  /** Changes when it re-authenticates. */
  expiresAt: number | undefined;
  readonly data: unknown;
  /** The will, published when the connection ends without a normal DISCONNECT. */
  will: WillPacket | undefined;
  /** Re-authenticates the client, if an authentication method was agreed on. */
  authentication: Reauthentication | undefined = undefined;
  /** The re-authentication in progress. */
  exchange: AuthenticationExchange | undefined = undefined;
  /** Takes its messages; made at the first one, because most clients seldom publish. */
  inbound: Subscriber<InboundPacket> | undefined = undefined;
  /** How it ended, and the reason code of the broker or the client; 0 when there is none. */
  how: DisconnectKind = 'lost';
  endCode = 0;
  /** Runs while its principal can end. */
  expiry: Subscription | undefined = undefined;
  /** Its SUBSCRIBE packets that wait for an authorizer, and what waits behind them. */
  requests: SubscriptionRequests | undefined = undefined;

  constructor(
    described: ConnectedClient,
    will: WillPacket | undefined,
    readonly writer: ClientWriter,
    readonly gate: ReadGate,
    readonly session: Session,
    /** Ends with the connection. */
    readonly work: Subscription,
    readonly policy: ConnectionPolicy,
    /** Another broker: it gets back nothing that it has sent, and keeps the retain flag. */
    readonly bridge: boolean,
  ) {
    this.clientId = described.clientId;
    this.protocolVersion = described.protocolVersion;
    this.username = described.username;
    this.keepalive = described.keepalive;
    this.listener = described.listener;
    this.clean = described.clean;
    this.connectedAt = described.connectedAt;
    this.mountPoint = described.mountPoint;
    this.maxQos = described.maxQos;
    this.expiresAt = described.expiresAt;
    this.data = described.data;
    this.will = will;
  }

  get retainAvailable(): boolean {
    return this.policy.retainAvailable;
  }

  get address(): string | undefined {
    return this.writer.connection.peer.address;
  }

  /** The client as hooks see it once it is gone; holds no connection. */
  get description(): ConnectedClient {
    const { clientId, protocolVersion, username, address, listener, keepalive, clean, connectedAt } = this;
    const { mountPoint, maxQos, expiresAt, data } = this;
    const principal = { mountPoint, maxQos, expiresAt, data };
    return { clientId, protocolVersion, username, address, listener, keepalive, clean, connectedAt, ...principal };
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
