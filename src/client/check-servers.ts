import { shown } from '../options/check-options.js';
import type { Platform } from '../transport/platform.js';
import { displayUrl, isSrvUrl } from '../transport/url.js';
import type { ClientOptions } from './client-options.js';

/**
 * Checks the addresses of the broker.
 * @throws TypeError for a value that is not an address, and when no address can be dialled and neither `beforeConnect`
 * nor a transport of the application could change that.
 */
export function checkServers({ url, servers, transport, beforeConnect }: ClientOptions, platform: Platform): void {
  const all: readonly unknown[] = servers ?? (url === undefined ? [] : [url]);
  if (all.length === 0) throw new TypeError('connect: there is no url; give url or servers');
  const odd = all.find((one) => typeof one !== 'string');
  if (odd !== undefined || all.includes(undefined)) {
    throw new TypeError(`connect: the url is ${shown(odd)}; give a text like mqtt://localhost`);
  }
  const urls = all as readonly string[];
  const service = platform.lookUp === undefined ? urls.find(isSrvUrl) : undefined;
  if (service !== undefined) {
    const why = 'its servers are looked up in DNS, which browsers do not offer to pages';
    throw new TypeError(`connect: ${displayUrl(service)} works on Node only: ${why}; give the servers as wss:// URLs`);
  }
  if (transport !== undefined || beforeConnect !== undefined) return;
  const problems = urls.map((one) => platform.urlProblem(one));
  const [problem] = problems;
  if (problem !== undefined && !problems.includes(undefined)) throw new TypeError(`connect: ${problem}`);
}
