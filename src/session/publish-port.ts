import type { Observer, Unsubscribable } from 'rxjs';
import type { PublishProperties, QoS } from '../packet/packets.js';

/**
 * The key of a client's way past `publish()`, for operators. It saves the Observable and the subscriber of each message.
 */
export const PUBLISH_PORT: unique symbol = Symbol.for('rxmqtt.publishPort');

/** A client that `publishTo` hands messages to directly. */
export interface PublishPort<R> {
  /**
   * Publishes at once, as a subscription to `publish()` does.
   * @returns takes the message back while it waits in the outbox.
   */
  [PUBLISH_PORT](
    topic: string,
    payload: string | Uint8Array | ArrayBuffer | DataView,
    options: { qos?: QoS; retain?: boolean; properties?: PublishProperties },
    observer: Observer<R>,
  ): Unsubscribable;
}

/** False too where `publish` was replaced, by a test's spy for example: it sees these messages as well. */
export function hasPublishPort<R>(client: object): client is PublishPort<R> {
  return PUBLISH_PORT in client && !Object.hasOwn(client, 'publish');
}
