import { ConnectError } from '../errors.js';
import { originOf } from './redirect.js';

/** A host with an optional port (section 4.11); other references are ignored. */
const REFERENCE = /^(\[[0-9a-f:.]+\]|[^\s:/?#@[\]]+)(:\d{1,5})?$/i;

/**
 * The URLs that a broker redirects to with 0x9C ("use another server") or 0x9D ("server moved"), with the scheme and
 * path of the dialled URL. Empty if the error is no redirect or cannot be followed.
 */
export function redirectTargets(error: unknown, dialled: string): readonly string[] {
  if (!(error instanceof ConnectError) || (error.reasonCode !== 0x9c && error.reasonCode !== 0x9d)) return [];
  const [, scheme, userinfo = '', rest = ''] = /^([a-z][a-z0-9+.-]*:\/\/)([^/?#]*@)?[^/?#]*(.*)$/is.exec(dialled) ?? [];
  if (scheme === undefined || error.serverReference === undefined) return [];
  return error.serverReference
    .split(' ')
    .filter((reference) => REFERENCE.test(reference))
    .map((reference) => `${scheme}${userinfo}${reference}${rest}`)
    .filter((url) => originOf(url) !== '');
}
