import { checkOptions, type Checks, flag, numberIn, shown, unchecked } from '../options/check-options.js';
import { allowedReasonCodes } from '../packet/reason-codes.js';
import type { ClientOptions, EndOptions } from './client-options.js';

const KNOWN: Checks<EndOptions> = {
  timeout: numberIn(0, Infinity, 'ms'),
  force: flag,
  reasonCode: unchecked,
  sessionExpiry: numberIn(0, 0xffff_ffff, 's', true),
};

/**
 * Checks the options of `end()`.
 * @throws TypeError for an unknown option, and for a value that a client's DISCONNECT may not carry [MQTT-3.14.2-1]
 * (section 3.14.2.2.2).
 */
export function checkEndOptions(given: EndOptions, client: ClientOptions): EndOptions {
  const options = checkOptions<EndOptions>(given, KNOWN, 'end');
  const { reasonCode = 0, sessionExpiry = 0 } = options;
  if (!allowedReasonCodes.disconnect.client.has(reasonCode)) {
    throw new TypeError(
      `end: reasonCode is ${shown(reasonCode)}, which a client may not send; give 0x00, or another code of section 3.14.2.1`,
    );
  }
  const atConnect = client.sessionExpiry ?? client.properties?.sessionExpiryInterval ?? 0;
  if (sessionExpiry > 0 && atConnect === 0) {
    throw new TypeError('end: sessionExpiry above 0 needs a sessionExpiry above 0 at connect');
  }
  return options;
}
