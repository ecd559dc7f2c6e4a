import { decoded, invalidUrl } from './invalid-url.js';
import type { BrokerUrl } from './broker-url.js';

/** Takes the place of `broker-url.ts` in browsers, where the URLs are those of WebSockets: `URL` knows all of them. */
export function parseUrl(url: string): Pick<BrokerUrl, 'host' | 'username' | 'password' | 'href' | 'display'> {
  let parsed;
  try {
    parsed = new URL(url);
  } catch {
    throw invalidUrl(url, 'it is not a URL');
  }
  const { protocol, host, hostname, pathname, search, username, password } = parsed;
  if (host === '') throw invalidUrl(url, 'it names no host');
  const origin = `${protocol}//${host}`;
  return {
    host: hostname,
    username: username === '' ? undefined : decoded(username),
    password: password === '' ? undefined : decoded(password),
    href: origin + pathname + search,
    display: origin + (pathname === '/' ? '' : pathname),
  };
}
