import { askAtOnce, type HookGuard } from './ask-hook.js';
import type { DeliveryRequest } from './requests.js';

/** Asks `authorizeDelivery`. A hook that fails allows nothing. */
export function deliveryGuard(
  hook: (request: DeliveryRequest) => boolean,
  guard: HookGuard,
): (request: DeliveryRequest) => boolean {
  return (request) => askAtOnce(hook, { name: 'authorizeDelivery', request, read, failure: false }, guard);
}

function read(answer: unknown): boolean {
  if (typeof answer === 'boolean') return answer;
  throw new TypeError('it gave neither true nor false');
}
