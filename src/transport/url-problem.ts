import { parseUrl } from './broker-url.js';
import { messageOf } from './failures.js';
import { redacted } from './invalid-url.js';
import { schemeOf } from './url.js';

/** Schemes that may stand for `ws:` and `wss:` by mistake. */
const MEAN_WS = /^(?:mqtt|http|tcp|(mqtts|https|ssl|tls))$/;

/** A host without a scheme, which looks like a path relative to the page. */
const LIKE_A_HOST = /^(localhost|[\w-]+(\.[\w-]+)+)([/?#]|$)/i;

/**
 * Why no attempt can reach this address, with a suggestion and without secrets; undefined for an address that can be
 * dialled.
 * @param onPage - the URL may be relative to the page.
 */
export function urlProblem(url: string, schemes: readonly string[], onPage: boolean): string | undefined {
  const example = `${schemes[0] ?? ''}://host`;
  if (url.trim() === '') return `the URL is empty; give one like ${example}`;
  const scheme = schemeOf(url);
  if (onPage && scheme === '' && !LIKE_A_HOST.test(url)) return undefined;
  if (schemes.includes(scheme)) {
    try {
      parseUrl(url);
      return undefined;
    } catch (error) {
      return `${messageOf(error)}${hint(guess(url, schemes))}`;
    }
  }
  const named = url.includes('://') && scheme !== '';
  const where = onPage ? ' in browsers, which can only open WebSockets' : '';
  const why = named ? `the scheme "${scheme}" is not supported${where}` : 'it does not begin with a scheme';
  const use = `; use one of ${schemes.map((name) => `${name}:`).join(', ')}`;
  return `the URL "${redacted(url)}" cannot be used: ${why}${hint(guess(url, schemes)) || use}`;
}

function hint(meant: string | undefined): string {
  return meant === undefined ? '' : `; did you mean ${meant}?`;
}

/** The address that was probably meant, without its secrets. */
function guess(url: string, schemes: readonly string[]): string | undefined {
  const parts = /^((?:[a-z][a-z0-9+.-]*)?:?\/\/|(?:mqtts?(?:\+srv)?|wss?|tcp|ssl|tls):\/?)?(.*)$/is.exec(redacted(url));
  const [, prefix = '', rest = ''] = parts ?? [];
  const given = prefix.replace(/[:/]+/, '').toLowerCase();
  // The scheme is fine, so the problem is elsewhere.
  if (schemes.includes(schemeOf(url)) && (given !== schemeOf(url) || prefix.endsWith('://'))) return undefined;
  const socket = MEAN_WS.exec(given);
  const other = socket === null ? '' : socket[1] === undefined ? 'ws' : 'wss';
  const scheme = given === '' ? schemes[0] : schemes.includes(given) ? given : other;
  const meant = `${scheme ?? ''}://${rest}`;
  try {
    parseUrl(meant);
    return meant;
  } catch {
    return undefined;
  }
}
