import type { MqttError } from '../errors.js';
import type { Negotiated } from './negotiated.js';

/** The client's connection state, discriminated by `status`. */
export type ConnectionState =
  /** Not connected and not trying: a lazy client without work, or server-side rendering. */
  | { readonly status: 'idle' }
  /**
   * Waiting for `beforeConnect`, dialling, or waiting for CONNACK. `attempt` counts from 1 since the last connection or
   * wake-up of the page.
   */
  | { readonly status: 'connecting'; readonly attempt: number; readonly url: string }
  | {
      readonly status: 'connected';
      /** The broker, without credentials. */
      readonly url: string;
      /** The broker resumed an earlier session. */
      readonly sessionPresent: boolean;
      /** The limits that client and broker negotiated for this connection. */
      readonly negotiated: Negotiated;
    }
  | {
      readonly status: 'reconnecting';
      /** The number of the next attempt. */
      readonly attempt: number;
      /** The wait in ms; undefined if a `reconnect` function of the application decides. */
      readonly delay: number | undefined;
      /** Why the connection is down. */
      readonly reason: MqttError;
    }
  /** Final: after `end()`, or with a reason that retrying cannot fix. */
  | { readonly status: 'ended'; readonly reason?: MqttError | undefined };
