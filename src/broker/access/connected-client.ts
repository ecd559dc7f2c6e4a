import type { ProtocolVersion } from '../../packet/packets.js';

/** What the broker knows of a connected client. */
export interface ConnectedClient {
  readonly clientId: string;
  readonly protocolVersion: ProtocolVersion;
  readonly username: string | undefined;
  /** Its address, such as `127.0.0.1:50123`; undefined when the transport has none. */
  readonly address: string | undefined;
  /** The listener that accepted it, such as `ws://127.0.0.1:8083/mqtt`. */
  readonly listener: string;
  /** Seconds; 0 when keep-alive is off. */
  readonly keepalive: number;
  /** It requested a new session. */
  readonly clean: boolean;
  /** When it connected, in ms since 1970. */
  readonly connectedAt: number;
}
