import type { PublishProperties, QoS } from '../../packet/packets.js';
import type { FanOut } from './fan-out.js';

/** The shared subscription that a message came by. */
export interface Share {
  readonly name: string;
  readonly filter: string;
}

/** How one recipient gets one message. */
export interface Grant {
  readonly qos: QoS;
  readonly retain: boolean;
  readonly properties: PublishProperties | undefined;
  readonly group: Share | undefined;
}

/** A receiver of messages. */
export interface Recipient {
  readonly clientId: string;
  /** Whose quotas it uses: a user, a certificate or an address. */
  readonly payer?: string | undefined;
  /** Where its topics begin; see `MountPoint`. Default: nowhere. */
  readonly mountPoint?: string | undefined;
  /** Messages that wait for it. */
  readonly backlog: number;
  /** Bytes of these messages. */
  readonly backlogBytes: number;
  /** So much waits for it that it may be time to pause its publishers. */
  readonly isBehind: boolean;
  /** The messages that it has acknowledged, and the bytes that it has read, on this connection. */
  readonly acknowledgements: number;
  readonly taken: number;
  readonly connected: boolean;
  /** It is connected, nothing waits, and the socket has room. */
  readonly writable: boolean;
  /** @returns false for a message at QoS 1 or 2 that found no room. */
  deliver(fanOut: FanOut, grant: Grant): boolean;
}
