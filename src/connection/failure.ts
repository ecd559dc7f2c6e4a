import type { MqttError } from '../errors.js';

/** One lost or refused connection, as `reconnect` gets to see it. */
export interface ConnectionFailure {
  /** What went wrong. */
  readonly error: MqttError;
  /** The attempt that failed, counted from 1 since the last connection; 0 where an established connection was lost. */
  readonly attempt: number;
  /** ms from CONNACK to the loss; 0 where it did not come to CONNACK. */
  readonly connectedFor: number;
  readonly url: string;
}
