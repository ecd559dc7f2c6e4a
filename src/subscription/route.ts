import type { OperatorFunction } from 'rxjs';
import type { PublishPacket } from '../packet/publish-packet.js';
import { operate } from '../rx/operate.js';
import type { DeliveryTracker } from './message-subscriber.js';
import type { Router } from './router.js';

/**
 * Delivers each message to the observers of the matching filters, and emits messages that have none.
 * An observer that throws or is slow harms no other: RxJS reports its error, and the next one is served.
 */
export function route(router: Router, tracker: DeliveryTracker): OperatorFunction<PublishPacket, PublishPacket> {
  return operate((subscriber) => (message) => {
    if (!router.deliver(message, tracker)) subscriber.next(message);
  });
}
