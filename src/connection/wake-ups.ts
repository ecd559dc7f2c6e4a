import { defer, EMPTY, filter, merge, Observable } from 'rxjs';

/** An event after which deadlines and the connection should be checked. */
export type WakeUp = 'online' | 'offline' | 'visible' | 'shown' | 'resumed';

interface Events {
  addEventListener(name: string, listener: (event: unknown) => void): void;
  removeEventListener(name: string, listener: (event: unknown) => void): void;
}

/** The part of a window, or of a worker, which has no document, that we listen to. */
interface Surroundings extends Partial<Events> {
  readonly document?: (Events & { readonly visibilityState: string }) | undefined;
}

/**
 * Emits when a throttled, frozen, cached (back-forward) or sleeping page runs again, and when the network comes or
 * goes. Timers of such a page fire late or not at all, so deadlines must be compared with the clock on each emission.
 * Listens only while subscribed.
 */
export const wakeUps$: Observable<WakeUp> = /* @__PURE__ */ defer(() => wakeUpsOf(globalThis));

export function wakeUpsOf(surroundings: Surroundings): Observable<WakeUp> {
  const { document } = surroundings;
  const on = (target: Events, event: string, wakeUp: WakeUp): Observable<WakeUp> =>
    new Observable<WakeUp>((subscriber) => {
      const listener = (): void => subscriber.next(wakeUp);
      target.addEventListener(event, listener);
      return () => target.removeEventListener(event, listener);
    });
  return merge(
    canListen(surroundings)
      ? merge(
          on(surroundings, 'online', 'online'),
          on(surroundings, 'offline', 'offline'),
          on(surroundings, 'pageshow', 'shown'),
        )
      : EMPTY,
    document === undefined
      ? EMPTY
      : merge(
          on(document, 'visibilitychange', 'visible').pipe(filter(() => document.visibilityState === 'visible')),
          on(document, 'resume', 'resumed'),
        ),
  );
}

function canListen(target: Partial<Events>): target is Events {
  return typeof target.addEventListener === 'function';
}
