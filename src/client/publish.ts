import { Observable } from 'rxjs';
import type { PublishReceipt } from '../session/outgoing-publish.js';
import type { Sender } from '../session/sender.js';
import type { Payload, PublishOptions } from './client-options.js';
import { toOutgoing } from './publish-request.js';
import type { Subscribing } from './subscribing.js';

/** The parts of a client that `publish()` needs. */
export interface Publishing extends Subscribing {
  readonly sender: Sender;
}

/**
 * Publishes the message on each subscription. Unsubscribing removes a message that still waits in the outbox; once it
 * was sent, its handshake runs to the end.
 */
export function publish(
  { registry, sender, demand, check }: Publishing,
  topic: string,
  payload: Payload,
  options: PublishOptions | undefined,
  /** How many connections may carry it at QoS 1 and 2; -1 for no limit. */
  tries = -1,
): Observable<PublishReceipt> {
  return new Observable<PublishReceipt>((subscriber) => {
    check();
    const message = toOutgoing(topic, payload, options, subscriber);
    message.triesLeft = tries;
    subscriber.add(demand.add());
    // SUBSCRIBE leaves before a later publish of the same tick.
    if (registry.isGathering) registry.flush();
    sender.offer(message);
    return () => sender.cancel(message);
  });
}
