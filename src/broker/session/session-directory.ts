import type { Observable } from 'rxjs';
import type { WillPacket } from '../../packet/packets.js';
import type { ClientPort } from './client-port.js';
import type { Session } from './session.js';

export interface OpenOptions {
  /** What there is is discarded first [MQTT-3.1.2-4]. */
  readonly clean: boolean;
  /** Seconds that the session is to outlive its connection. */
  readonly expiryInterval: number;
}

export interface OpenedSession {
  readonly session: Session;
  /** It was there before. */
  readonly present: boolean;
}

/** The sessions by client identifier [MQTT-3.1.3-2]: opened, taken over, left, resumed and expired. */
export interface SessionDirectory {
  /** Sessions, with or without a connection. */
  readonly size: number;
  /** Whether a client with this identifier can be given a session. */
  hasRoomFor(clientId: string): boolean;
  /**
   * The session of a client that connects, with all that waits for it. Another connection with the same identifier is
   * ended first [MQTT-3.1.4-3]. Emits once and completes: at once, unless something must be read. Errors with an
   * `MqttError` when that is not possible.
   */
  open(clientId: string, options: OpenOptions): Observable<OpenedSession>;
  /** Binds a session that was opened to its connection; in the same turn as it was emitted. */
  attach(session: Session, port: ClientPort): void;
  /**
   * The connection has ended: the session waits for the next one, and the will for its delay [MQTT-3.1.2-8]. Without
   * effect when the session has another connection by now.
   */
  release(session: Session, port: ClientPort, will: WillPacket | undefined): void;
}
