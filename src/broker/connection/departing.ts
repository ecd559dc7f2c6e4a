import type { PublishError } from '../../errors.js';
import type { PublishProperties, QoS } from '../../packet/packets.js';
import type { OutgoingPublish } from '../../session/outgoing-publish.js';

/** A message as one client gets it. */
export interface Departing {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: QoS;
  readonly retain: boolean;
  readonly properties: PublishProperties | undefined;
}

/** Decides what leaves for one client, and how. */
export interface DepartureControl {
  /** It has to decide on each message, even without interceptors. */
  readonly decidesAlways: boolean;
  /** The interceptors, which come and go. */
  readonly interceptors: { readonly isEmpty: boolean };
  /** Decides on a message that is about to leave: why it may not, if so. */
  refusal(message: OutgoingPublish): PublishError | undefined;
  /** The form in which a message that was not refused goes on the wire. */
  of(message: OutgoingPublish): Departing;
}
