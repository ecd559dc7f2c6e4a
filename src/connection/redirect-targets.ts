import { ConnectError } from '../errors.js';
import { hostOf } from './redirect.js';

/** A host, with or without a port (section 4.11); nothing else of a reference is taken. */
const REFERENCE = /^(\[[0-9a-f:.]+\]|[^\s:/?#@[\]]+)(:\d{1,5})?$/i;

/**
 * The URLs that a broker refers to with 0x9C ("use another server") or 0x9D ("server moved"): scheme and path are those
 * of the URL that was dialled. Empty where the error is no redirect, or one that cannot be followed.
 */
export function redirectTargets(error: unknown, dialled: string): readonly string[] {
  if (!(error instanceof ConnectError) || (error.reasonCode !== 0x9c && error.reasonCode !== 0x9d)) return [];
  const [, scheme, userinfo = '', rest = ''] = /^([a-z][a-z0-9+.-]*:\/\/)([^/?#]*@)?[^/?#]*(.*)$/is.exec(dialled) ?? [];
  if (scheme === undefined || error.serverReference === undefined) return [];
  return error.serverReference
    .split(' ')
    .filter((reference) => REFERENCE.test(reference))
    .map((reference) => `${scheme}${userinfo}${reference}${rest}`)
    .filter((url) => hostOf(url) !== '');
}
