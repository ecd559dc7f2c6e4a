import type { PublishProperties, QoS } from '../../packet/packets.js';
import type { FanOut } from './fan-out.js';

/** The shared subscription that a message came by, as far as a recipient has to remember it. */
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

/** Who gets messages, as routing sees it. */
export interface Recipient {
  readonly clientId: string;
  /** Messages that wait for it. */
  readonly backlog: number;
  /** It has a connection. */
  readonly connected: boolean;
  /** It has a connection, nothing waits, and the socket has room. */
  readonly writable: boolean;
  deliver(fanOut: FanOut, grant: Grant): void;
}
