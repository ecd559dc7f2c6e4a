import { asyncScheduler, Observable, type Subscriber } from 'rxjs';
import { ClosedError } from '../errors.js';
import type { ConnectPacket, ProtocolVersion, WillPacket } from '../packet/packets.js';
import { ReasonCode, reasonCodeName } from '../packet/reason-codes.js';
import type { PeerInfo } from '../transport/transport.js';
import type { BrokerSession } from './broker-session.js';
import type { ClientPort } from './client-port.js';
import type { BrokerCounters } from './counters.js';
import type { AuthenticationExchange } from './enhanced-authentication.js';

/** What is known of a connected client. */
export interface ConnectedClient {
  readonly clientId: string;
  readonly protocolVersion: ProtocolVersion;
  readonly username: string | undefined;
  /** Where it comes from, such as `127.0.0.1:50123`; undefined for a transport that does not tell. */
  readonly address: string | undefined;
  /** The listener that took it in, such as `ws://127.0.0.1:8083/mqtt`. */
  readonly listener: string;
  /** Seconds; 0 when keep-alive is off. */
  readonly keepalive: number;
  /** It asked for a new session. */
  readonly clean: boolean;
  /** ms of the scheduler, which outside of tests are those of `Date.now()`. */
  readonly connectedAt: number;
}

/** One client from its CONNACK to the end of its connection. */
export class Client implements ConnectedClient {
  readonly protocolVersion: ProtocolVersion;
  readonly username: string | undefined;
  readonly clean: boolean;
  readonly connectedAt = asyncScheduler.now();
  readonly peer: PeerInfo;
  /** What is published when the connection ends, unless the client says goodbye. */
  will: WillPacket | undefined;
  /** How it proves itself anew, where an authentication method was agreed on. */
  authentication: { readonly method: string; begin(): AuthenticationExchange } | undefined = undefined;
  /** The exchange in which it does so now. */
  exchange: AuthenticationExchange | undefined = undefined;
  /** Why it ended: what the broker said, or what the client did; 0 when the line was lost. */
  endCode = 0;
  private observer: Subscriber<never> | undefined = undefined;
  private departure: ClosedError | undefined = undefined;
  /** Errors with the reason when the broker ends the connection; for one observer. */
  readonly departed$ = new Observable<never>((subscriber) => {
    this.observer = subscriber;
    if (this.departure !== undefined) subscriber.error(this.departure);
  });

  constructor(
    connect: ConnectPacket,
    readonly clientId: string,
    readonly keepalive: number,
    readonly listener: string,
    readonly port: ClientPort,
    readonly session: BrokerSession,
    private readonly counters: BrokerCounters,
  ) {
    this.protocolVersion = connect.protocolVersion;
    this.username = connect.username;
    this.clean = connect.clean;
    this.peer = port.connection.peer;
    this.will = connect.will;
  }

  get address(): string | undefined {
    return this.peer.address;
  }

  /** Ends the connection from the broker's side, with DISCONNECT on MQTT 5. */
  depart(reasonCode: number): void {
    if (this.departure !== undefined) return;
    this.departure = new ClosedError(`the broker ended the connection: ${reasonCodeName(reasonCode)}`, { reasonCode });
    this.observer?.error(this.departure);
  }

  /** It does not take what it has subscribed to. */
  tooSlow(): void {
    this.counters.slowConsumers++;
    this.depart(ReasonCode.QUOTA_EXCEEDED);
  }
}
