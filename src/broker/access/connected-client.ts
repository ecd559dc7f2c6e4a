import type { ProtocolVersion, QoS } from '../../packet/packets.js';

/** What the broker knows of a connected client. */
export interface ConnectedClient {
  /** Its identifier: as it sent it, as `authenticate` named it, or as the broker assigned it. */
  readonly clientId: string;
  /** The version of MQTT that it speaks: 3 (MQTT 3.1), 4 (3.1.1) or 5. */
  readonly protocolVersion: ProtocolVersion;
  /** Its user name: as it sent it, or as `authenticate` named it; undefined without one. */
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
  /** The part of the topic tree that it lives in, with a slash at its end; empty for the whole tree. */
  readonly mountPoint: string;
  /** The highest QoS of its messages. */
  readonly maxQos: QoS;
  /** When its principal ends, in ms since 1970; undefined when it does not. */
  readonly expiresAt: number | undefined;
  /** The `data` that `authenticate` returned. */
  readonly data: unknown;
}
