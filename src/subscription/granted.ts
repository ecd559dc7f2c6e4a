import { asapScheduler, Observable } from 'rxjs';
import { ErrorCode, SubscribeError } from '../errors.js';
import { refused } from './subscribe-errors.js';
import type { SubscriptionInfo } from './subscription-info.js';
import type { SubscriptionsView } from './subscriptions-view.js';

/** The status of each filter. */
type Outcome = ReadonlyMap<string, SubscriptionInfo>;

/**
 * Waits until the broker has granted all of the filters, emits what it granted, and completes. Errors with
 * `SubscribeError` when the broker refuses one, or a tick later when one has no subscriber. Completes without a value when
 * the client ends first.
 */
export function granted(view: SubscriptionsView, filters: readonly string[]): Observable<Outcome> {
  return outcome(view, filters, (filter, { reasonCode = 0x80 }) => {
    throw refused(filter, reasonCode);
  });
}

/** Waits until the broker has answered for all of the filters, whatever it says. Leaves out filters that lost their last subscriber. */
export function answered(view: SubscriptionsView, filters: readonly string[]): Observable<Outcome> {
  return outcome(view, filters, () => undefined, true);
}

function outcome(
  view: SubscriptionsView,
  filters: readonly string[],
  onDenied: (filter: string, info: SubscriptionInfo) => void,
  mayBeGone = false,
): Observable<Outcome> {
  return new Observable<Outcome>((subscriber) => {
    let isLater = false;
    const look = (): void => {
      if (subscriber.closed) return;
      const found = new Map<string, SubscriptionInfo>();
      for (const filter of filters) {
        const info = view.infoOf(filter);
        if (info === undefined) {
          if (mayBeGone) continue;
          if (isLater) return subscriber.error(notSubscribed(filter));
          return;
        }
        if (info.status === 'denied') {
          try {
            onDenied(filter, info);
          } catch (error) {
            return subscriber.error(error);
          }
        } else if (info.status !== 'active') {
          return;
        }
        found.set(filter, info);
      }
      subscriber.next(found);
      subscriber.complete();
    };
    subscriber.add(view.changed$.subscribe({ next: look, complete: () => subscriber.complete() }));
    // What is subscribed to in the same tick counts.
    subscriber.add(
      asapScheduler.schedule(() => {
        isLater = true;
        look();
      }),
    );
  });
}

function notSubscribed(filter: string): SubscribeError {
  return new SubscribeError(`granted: "${filter}" has no subscriber; subscribe to it first, or in the same tick`, {
    filter,
    code: ErrorCode.NOT_SUBSCRIBED,
  });
}
