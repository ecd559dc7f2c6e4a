import { Subscription, type Observer, type Unsubscribable } from 'rxjs';
import { Phase, type Outgoing, type PublishReceipt } from '../session/outgoing.js';
import type { Sender } from '../session/sender.js';
import type { Payload, PublishOptions } from './client-options.js';
import { toOutgoing } from './publish-request.js';
import type { Subscribing } from './subscribing.js';

/** What of a client publishing needs. */
export interface Publishing extends Subscribing {
  readonly sender: Sender;
}

/**
 * Publishes a message, and tells the observer what became of it.
 *
 * @returns what is to be unsubscribed from at the end, or to give up; nothing where that would have no effect.
 */
export function beginPublish(
  { registry, sender, demand, check }: Publishing,
  topic: string,
  payload: Payload,
  options: PublishOptions | undefined,
  observer: Observer<PublishReceipt>,
): Unsubscribable | undefined {
  let need: (() => void) | undefined;
  try {
    check();
    const message = toOutgoing(topic, payload, options, observer);
    need = demand.add();
    // Whoever subscribes first, and then publishes, sees his own message.
    if (registry.isGathering) registry.flush();
    sender.offer(message);
    // What went out runs to its end whoever listens: there is nothing to take back.
    if (message.phase > Phase.QUEUED && need === undefined) return undefined;
    return takingBack(sender, message, need);
  } catch (error) {
    observer.error(error);
    need?.();
    return undefined;
  }
}

/** Apart, because a closure has the variables that it refers to on the heap, made with every message. */
function takingBack(sender: Sender, message: Outgoing, need: (() => void) | undefined): Subscription {
  return new Subscription(() => {
    sender.cancel(message);
    need?.();
  });
}
