import type { SendPort } from '../../session/sender-options.js';
import type { FanOut } from '../routing/fan-out.js';

/** The live connection of a client, as its session sees it. */
export interface ClientPort extends SendPort {
  /** Bytes that the operating system has accepted for it. */
  readonly taken: number;
  /** Changes while the operating system accepts bytes for it, also of a write that takes a slow line long. */
  readonly progress: number;
  /** The client accepts a QoS 0 frame that was encoded for others. */
  readonly acceptsPreEncoded: boolean;
  /** Writes a QoS 0 message that others get as well; see {@link acceptsPreEncoded}. */
  publishPreEncoded(fanOut: FanOut): void;
  /** Ends the connection; on MQTT 5 with DISCONNECT. */
  disconnect(reasonCode: number): void;
}
