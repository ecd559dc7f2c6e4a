import type { MqttError } from '../errors.js';

/** A connection that was lost or refused, as a `reconnect` function receives it. */
export interface ConnectionFailure {
  /** The reason. */
  readonly error: MqttError;
  /** The attempt that failed, counted from 1 since the last connection; 0 when an established connection was lost. */
  readonly attempt: number;
  /** The time from CONNACK to the loss, in ms; 0 without CONNACK. */
  readonly connectedFor: number;
  /** The broker, without credentials. */
  readonly url: string;
}
