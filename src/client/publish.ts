import { Observable } from 'rxjs';
import type { PublishReceipt } from '../session/outgoing-publish.js';
import type { Sender } from '../session/sender.js';
import type { Payload, PublishOptions } from './client-options.js';
import { toOutgoing } from './publish-request.js';
import type { Subscribing } from './subscribing.js';

/** The parts of a client that publishing needs. */
export interface Publishing extends Subscribing {
  readonly sender: Sender;
}

/**
 * Publishes the message each time it is subscribed to. Unsubscribing takes a message out of the outbox; the handshake
 * of one that was sent runs to its end.
 */
export function publish(
  { registry, sender, demand, check }: Publishing,
  topic: string,
  payload: Payload,
  options: PublishOptions | undefined,
): Observable<PublishReceipt> {
  return new Observable<PublishReceipt>((subscriber) => {
    check();
    const message = toOutgoing(topic, payload, options, subscriber);
    subscriber.add(demand.add());
    // SUBSCRIBE leaves before what is published after it in the same tick.
    if (registry.isGathering) registry.flush();
    sender.offer(message);
    return () => sender.cancel(message);
  });
}
