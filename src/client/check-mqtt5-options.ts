import type { AuthMechanism } from '../connection/auth-mechanism.js';
import { checkChoice, checkNumber, refuseUnknown } from './check-options.js';
import type { ClientOptions, EndOptions } from './client-options.js';
import { allowedReasonCodes } from '../packet/reason-codes.js';

const REDIRECT = ['maxHops', 'credentials', 'allow'];

/**
 * Checks the options that MQTT 5 alone has a meaning for.
 * @throws TypeError that names the option.
 */
export function checkMqtt5Options(options: ClientOptions): void {
  const { auth, topicAlias = 'off', followRedirect = false, properties } = options;
  checkChoice('topicAlias', topicAlias, ['off', 'auto']);
  for (const name of ['downgradeQos', 'validatePayloadFormat'] as const) {
    const flag: unknown = options[name] ?? false;
    if (typeof flag !== 'boolean') throw new TypeError(`connect: ${name} must be true or false`);
  }
  if (auth !== undefined) checkAuth(auth, options);
  if (auth !== undefined && properties?.authenticationMethod !== undefined) {
    throw new TypeError('connect: give auth or properties.authenticationMethod, not both');
  }
  if (typeof followRedirect === 'boolean') return;
  refuseUnknown(followRedirect, REDIRECT, 'followRedirect');
  const { maxHops = 5, credentials = 'same-host', allow } = followRedirect;
  if (!(maxHops >= 1)) throw new TypeError(`connect: followRedirect.maxHops is ${String(maxHops)}; give 1 or more`);
  checkChoice('followRedirect.credentials', credentials, ['same-host', 'always']);
  if (allow !== undefined && typeof allow !== 'function') {
    throw new TypeError('connect: followRedirect.allow must be a function');
  }
}

function checkAuth(auth: NonNullable<ClientOptions['auth']>, { protocolVersion }: ClientOptions): void {
  if (protocolVersion === 3 || protocolVersion === 4) {
    throw new TypeError('connect: auth needs MQTT 5; leave protocolVersion out, or set it to 5');
  }
  if (typeof auth === 'function') return;
  const { method, start } = auth as Partial<AuthMechanism>;
  if (typeof method !== 'string' || typeof start !== 'function') {
    throw new TypeError('connect: auth must be a mechanism with method and start(), or a function that makes one');
  }
}

/**
 * Checks the options of `end()`.
 * @throws TypeError for what a DISCONNECT of a client may not say [MQTT-3.14.2-1] (section 3.14.2.2.2).
 */
export function checkEndOptions({ reasonCode = 0, sessionExpiry = 0 }: EndOptions, client: ClientOptions): void {
  if (!allowedReasonCodes.disconnect.client.has(reasonCode)) {
    throw new TypeError(`end: reasonCode is ${String(reasonCode)}, which a client may not send`);
  }
  checkNumber('sessionExpiry', sessionExpiry, 0, 0xffff_ffff, 's', true, 'end');
  const atConnect = client.sessionExpiry ?? client.properties?.sessionExpiryInterval ?? 0;
  if (sessionExpiry > 0 && atConnect === 0) {
    throw new TypeError('end: sessionExpiry above 0 needs a sessionExpiry above 0 at connect');
  }
}
