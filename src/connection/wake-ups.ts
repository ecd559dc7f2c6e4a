import { EMPTY, filter, merge, Observable } from 'rxjs';

/** Why a look at the clock and at the line is due. */
export type WakeUp = 'online' | 'offline' | 'visible' | 'shown' | 'resumed';

interface Events {
  addEventListener(name: string, listener: (event: unknown) => void): void;
  removeEventListener(name: string, listener: (event: unknown) => void): void;
}

/** What of a window, or of a worker, which has no document, is listened to. */
interface Surroundings extends Partial<Events> {
  readonly document?: (Events & { readonly visibilityState: string }) | undefined;
}

/**
 * The moments at which a page that was throttled, frozen, kept in the back-forward cache or asleep with its machine
 * runs again, and those at which the network comes and goes. Timers of such a page fire late or not at all; whoever
 * keeps a deadline compares it with the clock at each of these. Listens while it is subscribed to, and only then.
 */
export const wakeUps$: Observable<WakeUp> = /* @__PURE__ */ wakeUpsOf(globalThis);

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
