import type { MqttError } from '../errors.js';

/** A lost or refused connection, as a `reconnect` function receives it. */
export interface ConnectionFailure {
  /** Why it failed. */
  readonly error: MqttError;
  /** The number of the failed attempt, from 1 since the last connection or wake-up; 0 if a connection was lost. */
  readonly attempt: number;
  /** The time from CONNACK to the loss, in ms; 0 without CONNACK. */
  readonly connectedFor: number;
  /** The broker, without credentials. */
  readonly url: string;
  /** The page had just woken up, or was online again (browsers): the backoff starts over. */
  readonly afterWakeUp?: boolean;
}
