import type { AuthMechanism } from '../connection/auth-mechanism.js';
import type { ClientOptions, EndOptions } from './client-options.js';
import { allowedReasonCodes } from '../packet/reason-codes.js';

const REDIRECT = ['maxHops', 'credentials', 'allow'];

/**
 * Checks the options that MQTT 5 alone has a meaning for.
 * @throws TypeError that names the option.
 */
export function checkMqtt5Options(options: ClientOptions): void {
  const { auth, topicAlias = 'off', followRedirect = false, properties } = options;
  const alias: string = topicAlias;
  if (alias !== 'off' && alias !== 'auto') throw new TypeError(`connect: topicAlias is ${alias}; give 'off' or 'auto'`);
  for (const name of ['downgradeQos', 'validatePayloadFormat'] as const) {
    const flag: unknown = options[name] ?? false;
    if (typeof flag !== 'boolean') throw new TypeError(`connect: ${name} must be true or false`);
  }
  if (auth !== undefined) checkAuth(auth, options);
  if (auth !== undefined && properties?.authenticationMethod !== undefined) {
    throw new TypeError('connect: give auth or properties.authenticationMethod, not both');
  }
  if (typeof followRedirect === 'boolean') return;
  for (const name of Object.keys(followRedirect)) {
    if (REDIRECT.includes(name)) continue;
    throw new TypeError(`followRedirect: option "${name}" is unknown; known are ${REDIRECT.join(', ')}`);
  }
  const { maxHops = 5, credentials = 'same-host', allow } = followRedirect;
  if (!(maxHops >= 1)) throw new TypeError(`connect: followRedirect.maxHops is ${String(maxHops)}; give 1 or more`);
  if (!['same-host', 'always'].includes(credentials)) {
    throw new TypeError(`connect: followRedirect.credentials is ${credentials}; give 'same-host' or 'always'`);
  }
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
  if (!(Number.isInteger(sessionExpiry) && sessionExpiry >= 0 && sessionExpiry <= 0xffff_ffff)) {
    throw new TypeError(`end: sessionExpiry is ${String(sessionExpiry)}; give whole seconds up to 4294967295`);
  }
  const atConnect = client.sessionExpiry ?? client.properties?.sessionExpiryInterval ?? 0;
  if (sessionExpiry > 0 && atConnect === 0) {
    throw new TypeError('end: sessionExpiry above 0 needs a sessionExpiry above 0 at connect');
  }
}
