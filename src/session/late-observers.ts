import { asapScheduler, Observable, type OperatorFunction, type Subscription } from 'rxjs';
import type { PublishPacket } from '../packet/publish-packet.js';
import { afterElapsed, elapsed } from '../rx/clock.js';
import { BoundedCache } from '../topic/bounded-cache.js';
import type { AckQueue } from './ack-queue.js';

/** How many topics are remembered that had no observer in time; they do not wait again on this connection. */
const REMEMBERED_TOPICS = 1000;

export interface LateObserversOptions {
  /** Delivers a message to its observers; false when it has none. */
  readonly deliver: (message: PublishPacket) => boolean;
  /** Holds messages, so that they are not acknowledged yet. */
  readonly acks: AckQueue;
  /** How long (ms) to wait for an observer. */
  readonly grace: number;
  /** Emits when an observer has joined. */
  readonly joined$: Observable<unknown>;
}

interface Waiting {
  readonly message: PublishPacket;
  readonly due: number;
}

/**
 * Holds messages that have no observer yet. A resumed session delivers before the application has subscribed: a QoS 1
 * or 2 message stays unacknowledged for a while, and an observer that joins in time receives it. All other messages are
 * acknowledged and emitted. Held messages go with the connection: the broker sends them again.
 */
export function lateObservers(options: LateObserversOptions): OperatorFunction<PublishPacket, PublishPacket> {
  const { deliver, acks, grace, joined$ } = options;
  return (source) =>
    new Observable<PublishPacket>((subscriber) => {
      const inVain = new BoundedCache<string, true>(REMEMBERED_TOPICS);
      let waiting: Waiting[] = [];
      let timer: Subscription | undefined;
      let soon: Subscription | undefined;

      const arm = (): void => {
        timer?.unsubscribe();
        const [first] = waiting;
        timer = first && afterElapsed(Math.max(0, first.due - elapsed()), giveUp);
      };
      const giveUp = (): void => {
        const now = elapsed();
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
          const served = deliver(message);
          if (served) message.ack();
          return !served;
        });
        waiting = [...left, ...waiting];
        arm();
      };

      subscriber.add(() => timer?.unsubscribe());
      subscriber.add(() => soon?.unsubscribe());
      // Wait for the end of the tick, when all of its observers have joined.
      const serveSoon = (): void => {
        if (waiting.length > 0) soon ??= asapScheduler.schedule(serve);
      };
      subscriber.add(joined$.subscribe(serveSoon));
      subscriber.add(
        source.subscribe({
          next(message) {
            if (message.qos === 0 || inVain.get(message.topic) === true) return subscriber.next(message);
            waiting.push({ message: acks.hold(message, subscriber), due: elapsed() + grace });
            if (waiting.length === 1) arm();
          },
          error: (error) => subscriber.error(error),
          complete: () => subscriber.complete(),
        }),
      );
    });
}
