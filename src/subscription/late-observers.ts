import { asapScheduler, asyncScheduler, Observable, type OperatorFunction, type Subscription } from 'rxjs';
import type { PublishPacket } from '../packet/publish-packet.js';
import { BoundedCache } from '../topic/bounded-cache.js';
import type { DeliveryTracker } from './message-subscriber.js';
import type { Router } from './router.js';

/** Topics for which it was waited in vain, and is not waited again on this connection. */
const REMEMBERED_TOPICS = 1000;

export interface LateObserversOptions {
  readonly router: Router;
  /** By it a message is held, so that it is not acknowledged yet. */
  readonly tracker: DeliveryTracker;
  /** ms to wait for an observer; 0 waits for none. */
  readonly grace: number;
  /** Emits when an observer has joined. */
  readonly joined$: Observable<unknown>;
}

interface Waiting {
  readonly message: PublishPacket;
  readonly due: number;
}

/**
 * For messages that nobody observes. A resumed session delivers before the application has subscribed: a message at
 * QoS 1 or 2 is held unacknowledged for a while, so that an observer who comes in time gets it. The others, and those
 * for which nobody came, are acknowledged and emitted. With the connection, what is held goes: the broker sends it again.
 */
export function lateObservers(options: LateObserversOptions): OperatorFunction<PublishPacket, PublishPacket> {
  const { router, tracker, grace, joined$ } = options;
  return (source) =>
    new Observable<PublishPacket>((subscriber) => {
      const inVain = new BoundedCache<string, true>(REMEMBERED_TOPICS);
      let waiting: Waiting[] = [];
      let timer: Subscription | undefined;
      let soon: Subscription | undefined;

      const arm = (): void => {
        timer?.unsubscribe();
        const [first] = waiting;
        timer = first && asyncScheduler.schedule(giveUp, Math.max(0, first.due - asyncScheduler.now()));
      };
      const giveUp = (): void => {
        const now = asyncScheduler.now();
        const late = waiting.filter(({ due }) => due <= now);
        waiting = waiting.filter(({ due }) => due > now);
        arm();
        for (const { message } of late) {
          inVain.set(message.topic, true);
          subscriber.next(message);
          message.ack();
        }
      };
      const serve = (): void => {
        const candidates = waiting;
        waiting = [];
        soon = undefined;
        const left = candidates.filter(({ message }) => {
          const served = router.deliver(message, tracker);
          if (served) message.ack();
          return !served;
        });
        waiting = [...left, ...waiting];
        arm();
      };

      subscriber.add(() => timer?.unsubscribe());
      subscriber.add(() => soon?.unsubscribe());
      // After the tick, when all that are asked for together have joined.
      const serveSoon = (): void => {
        if (waiting.length > 0) soon ??= asapScheduler.schedule(serve);
      };
      subscriber.add(joined$.subscribe(serveSoon));
      subscriber.add(
        source.subscribe({
          next(message) {
            if (message.qos === 0 || grace === 0 || inVain.get(message.topic) === true) return subscriber.next(message);
            waiting.push({ message: tracker.hold(message, subscriber), due: asyncScheduler.now() + grace });
            if (waiting.length === 1) arm();
          },
          error: (error) => subscriber.error(error),
          complete: () => subscriber.complete(),
        }),
      );
    });
}
