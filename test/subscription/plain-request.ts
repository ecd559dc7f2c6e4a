import type { SubscriptionRequest } from '../../src/subscription/subscription-request.js';

/** What `subscribe()` asks for without options. */
export const plainRequest: SubscriptionRequest = {
  qos: 0,
  noLocal: false,
  retainAsPublished: false,
  retainHandling: 0,
  manualAck: false,
  linger: 0,
  properties: undefined,
};
