import type { Observable } from 'rxjs';
import type { WillPacket } from '../../packet/packets.js';
import type { ClientPort } from './client-port.js';
import type { Session } from './session.js';

export interface OpenOptions {
  /** Discard the existing session [MQTT-3.1.2-4]. */
  readonly clean: boolean;
  /** Seconds that the session outlives its connection. */
  readonly expiryInterval: number;
}

export interface OpenedSession {
  readonly session: Session;
  /** It existed before. */
  readonly present: boolean;
}

/** The sessions by client identifier [MQTT-3.1.3-2]: opened, taken over, left, resumed and expired. */
export interface SessionDirectory {
  /** Sessions, with or without a connection. */
  readonly size: number;
  /** Whether there is room for a session with this identifier. */
  hasRoomFor(clientId: string): boolean;
  /**
   * The session of a connecting client, with all its messages in memory. First ends another connection with the same
   * identifier [MQTT-3.1.4-3]. Emits once and completes: at once, unless something must be read. Errors with an
   * `MqttError` when reading fails.
   */
  open(clientId: string, options: OpenOptions): Observable<OpenedSession>;
  /** Attaches an opened session to its connection; call it in the turn in which the session was emitted. */
  attach(session: Session, port: ClientPort): void;
  /**
   * The connection has ended: the session waits for the next one, and the will for its delay [MQTT-3.1.2-8]. No effect
   * when the session already has another connection.
   */
  release(session: Session, port: ClientPort, will: WillPacket | undefined): void;
}
