import type { Observable } from 'rxjs';
import type { QoS, WillPacket } from '../../packet/packets.js';
import type { ConnectedClient } from '../access/connected-client.js';
import type { MountPoint } from '../access/mount-point.js';
import type { Principal } from '../access/principal.js';
import type { ClientPort } from './client-port.js';
import type { QueueLimits } from './queue-limits.js';
import type { Session } from './session.js';

export interface OpenOptions {
  /** Discard the existing session [MQTT-3.1.2-4]. */
  readonly clean: boolean;
  /** Seconds that the session outlives its connection. */
  readonly expiryInterval: number;
  /** Who opens it. Default: an unknown client. */
  readonly owner?: Principal | undefined;
  /** Whose quota it uses. Default: none. */
  readonly payer?: string | undefined;
  /** The will that it is to keep. Default: none. */
  readonly will?: WillPacket | undefined;
  /** Where its topics begin. Default: nowhere. */
  readonly mountPoint?: MountPoint | undefined;
  /** The highest QoS of its messages, whatever was granted before. Default 2. */
  readonly maxQos?: QoS | undefined;
  /** The bounds of its queue. Default: those of the broker. */
  readonly queue?: QueueLimits | undefined;
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
  /**
   * The session of a connecting client, with all its messages in memory. First ends another connection with the same
   * identifier [MQTT-3.1.4-3]. Emits once and completes: at once, unless something must be read. Errors with an
   * `MqttError`: with the reason code 0x85 when the session belongs to another principal, 0x97 when there is no room
   * for one more, and without any when reading fails. The present session is not touched then.
   */
  open(clientId: string, options: OpenOptions): Observable<OpenedSession>;
  /** Attaches an opened session to its connection; call it in the turn in which the session was emitted. */
  attach(session: Session, port: ClientPort): void;
  /**
   * The connection has ended: the session waits for the next one, and the will for its delay [MQTT-3.1.2-8]. No effect
   * when the session already has another connection.
   * @param sender - whose will it is.
   */
  release(session: Session, port: ClientPort, will: WillPacket | undefined, sender?: ConnectedClient): void;
  /** Ends a session, and first its connection; returns whether there was one. */
  end(clientId: string): boolean;
  /** Removes a subscription; returns whether there was one. */
  unsubscribe(clientId: string, filter: string): boolean;
}
