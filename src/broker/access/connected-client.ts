import type { ProtocolVersion } from '../../packet/packets.js';

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
