import type { AuthMechanism } from '../connection/auth-mechanism.js';
import type { ClientOptions } from './client-options.js';

/** @throws TypeError for an `auth` option that is not a mechanism, or that another option excludes. */
export function checkAuth({ auth, protocolVersion, properties }: ClientOptions): void {
  if (auth === undefined) return;
  if (properties?.authenticationMethod !== undefined) {
    throw new TypeError('connect: give auth or properties.authenticationMethod, not both');
  }
  if (protocolVersion === 3 || protocolVersion === 4) {
    throw new TypeError('connect: auth needs MQTT 5; leave protocolVersion out, or set it to 5');
  }
  if (typeof auth === 'function') return;
  const { method, start } = auth as Partial<AuthMechanism>;
  if (typeof method !== 'string' || typeof start !== 'function') {
    throw new TypeError(
      'connect: auth is not a mechanism; give one with method and start(), or a function that returns one',
    );
  }
}
