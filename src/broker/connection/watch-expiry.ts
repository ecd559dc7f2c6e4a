import { ReasonCode } from '../../packet/reason-codes.js';
import { afterElapsed, timeOfDay } from '../../rx/clock.js';
import type { Client } from './connected-client.js';

/** Ends the connection when the principal of its client ends; called again, it counts from the new end. */
export function watchExpiry(client: Client): void {
  const { expiresAt, expiry, work, writer } = client;
  if (expiry !== undefined) work.remove(expiry);
  expiry?.unsubscribe();
  client.expiry = undefined;
  if (expiresAt === undefined) return;
  client.expiry = afterElapsed(Math.max(0, expiresAt - timeOfDay()), () => {
    writer.disconnect(ReasonCode.NOT_AUTHORIZED);
  });
  work.add(client.expiry);
}
