import type { QoS } from '../../packet/packets.js';

/** A filter that a session has subscribed to, as the broker names it. */
export interface SessionSubscription {
  /** With `$share/<group>/` for a shared subscription, and the mount point of the client. */
  readonly filter: string;
  /** The granted QoS. */
  readonly qos: QoS;
}

/** What the broker keeps for a client identifier, at one moment. */
export interface SessionInfo {
  /** The client identifier that it belongs to. */
  readonly clientId: string;
  /** Whether its client is connected. */
  readonly connected: boolean;
  /**
   * Who owns it: `user:<name>`, `certificate:<fingerprint>`, or an empty text for an unknown owner. Undefined for what
   * rxmqtt 0.1.0 has stored.
   */
  readonly principal: string | undefined;
  /** Where its topics begin; empty for the whole tree. */
  readonly mountPoint: string;
  /** Its subscriptions. */
  readonly subscriptions: readonly SessionSubscription[];
  /** Messages that wait for the client, without those in flight. */
  readonly queuedMessages: number;
  /** Bytes of these messages: topic, payload and properties. */
  readonly queuedBytes: number;
  /** Seconds that it outlives its connection; `Infinity` for ever. */
  readonly expiryInterval: number;
  /**
   * When it expires, in ms since 1970, unless its client returns; undefined while connected, and when it never does.
   */
  readonly expiresAt: number | undefined;
}
