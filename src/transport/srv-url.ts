import { parseUrl, withoutRoot } from './broker-url.js';
import { invalidUrl } from './invalid-url.js';
import { schemeOf } from './url.js';

/** The service of each scheme, as IANA registered them, and the scheme of its servers. */
const SERVICES: ReadonlyMap<string, { readonly service: string; readonly scheme: string }> = new Map([
  ['mqtt+srv', { service: '_mqtt._tcp', scheme: 'mqtt' }],
  ['mqtts+srv', { service: '_secure-mqtt._tcp', scheme: 'mqtts' }],
]);

/** A URL whose host names a service instead of a server. */
export interface SrvUrl {
  /** What to look up: `_mqtt._tcp.example.org`. */
  readonly name: string;
  /** The host of the URL, without the dot of the root: `example.org`. */
  readonly domain: string;
  /** The URL without secrets. */
  readonly display: string;
  /** The URL of a server, with the user name and the password of this one. */
  toServer(host: string, port: number): string;
}

/** @throws ConnectError with code `INVALID_OPTION` when it cannot name a service. */
export function parseSrvUrl(url: string): SrvUrl {
  const { host, port, path, display } = parseUrl(url);
  const { service, scheme } = SERVICES.get(schemeOf(url)) ?? {};
  if (service === undefined || scheme === undefined) throw invalidUrl(url, 'it names no service');
  if (port !== 0) throw invalidUrl(url, 'it has a port, but the SRV records give the ports');
  if (path !== '' && path !== '/') throw invalidUrl(url, 'it has a path, which MQTT over TCP does not use');
  if (host.includes(':') || /^[\d.]+$/.test(host)) throw invalidUrl(url, 'its host is an address, not a domain name');
  const userinfo = /^[^:]+:\/\/([^/?#]*@)/.exec(url)?.[1] ?? '';
  return {
    name: `${service}.${host}`,
    domain: withoutRoot(host),
    display,
    toServer: (target, at) => `${scheme}://${userinfo}${target}:${at}`,
  };
}
