import { from } from 'rxjs';
import type { HookGuard } from './ask-hook.js';
import { hookFailed } from './hook-failed.js';
import { isLater } from './is-later.js';
import type { DeliveryRequest } from './requests.js';

/**
 * Asks `authorizeDelivery`, which must answer at once: it is asked in the turn in which a message leaves. A hook that
 * fails allows nothing.
 */
export function deliveryGuard(
  hook: (request: DeliveryRequest) => boolean,
  guard: HookGuard,
): (request: DeliveryRequest) => boolean {
  return (request) => {
    try {
      const answer: unknown = hook(request);
      if (typeof answer === 'boolean') return answer;
      throw new TypeError(isLater(answer) ? ignored(answer) : 'it gave neither true nor false');
    } catch (cause) {
      guard.onFailure(hookFailed('authorizeDelivery', cause));
      return false;
    }
  };
}

/** A rejection that comes later must not end the process. */
function ignored(answer: Parameters<typeof from>[0]): string {
  from(answer)
    .subscribe({ error: () => undefined })
    .unsubscribe();
  return 'it answers later; decide at once';
}
