import { allowedReasonCodes } from '../packet/reason-codes.js';
import { checkNumber } from './check-options.js';
import type { ClientOptions, EndOptions } from './client-options.js';

/**
 * Checks the options of `end()`.
 * @throws TypeError for what a client's DISCONNECT may not say [MQTT-3.14.2-1] (section 3.14.2.2.2).
 */
export function checkEndOptions({ reasonCode = 0, sessionExpiry = 0 }: EndOptions, client: ClientOptions): void {
  if (!allowedReasonCodes.disconnect.client.has(reasonCode)) {
    throw new TypeError(`end: reasonCode is ${String(reasonCode)}, which a client may not send; see section 3.14.2.1`);
  }
  checkNumber('sessionExpiry', sessionExpiry, 0, 0xffff_ffff, 's', true, 'end');
  const atConnect = client.sessionExpiry ?? client.properties?.sessionExpiryInterval ?? 0;
  if (sessionExpiry > 0 && atConnect === 0) {
    throw new TypeError('end: sessionExpiry above 0 needs a sessionExpiry above 0 at connect');
  }
}
