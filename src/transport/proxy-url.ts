import { BlockList, isIP } from 'node:net';
import { ConnectError, ErrorCode } from '../errors.js';
import { type BrokerUrl, isEncrypted } from './broker-url.js';
import { decoded, hasRawCredentials, redacted } from './invalid-url.js';

/** The parts of a proxy's URL. */
export interface ProxyUrl {
  readonly scheme: 'http' | 'https' | 'socks5';
  readonly host: string;
  readonly port: number;
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** The URL without user name and password, for messages. */
  readonly display: string;
}

const PORTS = { http: 80, https: 443, socks5: 1080 } as const;

/**
 * Parses the URL of a proxy.
 * @throws ConnectError with code `INVALID_OPTION`, which shows no password.
 */
export function parseProxy(url: string, option = 'proxy'): ProxyUrl {
  const wrong = (why: string): ConnectError =>
    new ConnectError(
      `${option} "${redacted(url)}" cannot be used: ${why}; write it like http://user:password@host:3128 or ` +
        'socks5://host:1080',
      { code: ErrorCode.INVALID_OPTION },
    );
  if (hasRawCredentials(url)) throw wrong('percent-encode / ? # and @ in its user name and password');
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    throw wrong('it is not a URL');
  }
  // curl's `socks5h` means that the proxy looks up the name, which it always does here.
  const scheme = parsed.protocol.slice(0, -1).replace(/^socks5h$/, 'socks5');
  if (scheme !== 'http' && scheme !== 'https' && scheme !== 'socks5') throw wrong(`the scheme "${scheme}" is unknown`);
  if (parsed.hostname === '') throw wrong('it names no host');
  const port = parsed.port === '' ? PORTS[scheme] : Number(parsed.port);
  return {
    scheme,
    host: parsed.hostname.replace(/^\[|\]$/g, ''),
    port,
    username: parsed.username === '' ? undefined : decoded(parsed.username),
    password: parsed.password === '' ? undefined : decoded(parsed.password),
    display: `${scheme}://${parsed.hostname}:${port}`,
  };
}

/**
 * The proxy that the environment names for a broker: `HTTPS_PROXY` for tls and wss, `HTTP_PROXY` for tcp and ws, else
 * `ALL_PROXY`; none for the hosts of `NO_PROXY`. Lower-case names take precedence.
 */
export function proxyOfEnvironment(url: BrokerUrl, environment: NodeJS.ProcessEnv): ProxyUrl | undefined {
  const value = (name: string): string | undefined => environment[name.toLowerCase()] ?? environment[name];
  const own = isEncrypted(url.scheme) ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const name = value(own) ? own : 'ALL_PROXY';
  const proxy = value(name);
  if (proxy === undefined || proxy === '' || isExempt(url, value('NO_PROXY') ?? '')) return undefined;
  return parseProxy(/^[a-z][a-z\d+.-]*:\/\//i.test(proxy) ? proxy : `http://${proxy}`, name);
}

/** Entries are `*`, a host with its subdomains, an address, or a network like `10.0.0.0/8`; each may have a port. */
function isExempt({ host, port }: BrokerUrl, list: string): boolean {
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => {
      const [, bracketed, name = '', ofPort] = /^(?:\[([^\]]+)\]|([^:]+|.*:.*:.*?))(?::(\d+))?$/.exec(entry) ?? [];
      if (ofPort !== undefined && Number(ofPort) !== port) return false;
      const exempt = bracketed ?? name;
      if (exempt === '*' || exempt === host) return true;
      if (exempt.includes('/')) return isInside(host, exempt);
      return isIP(host) === 0 && host.endsWith(`.${exempt.replace(/^\*?\./, '')}`);
    });
}

function isInside(host: string, network: string): boolean {
  const [address = '', prefix] = network.split('/');
  const family = isIP(host);
  if (family === 0 || family !== isIP(address)) return false;
  const name = family === 4 ? 'ipv4' : 'ipv6';
  const length = Number(prefix);
  if (!(length >= 0 && length <= (family === 4 ? 32 : 128))) return false;
  const list = new BlockList();
  list.addSubnet(address, length, name);
  return list.check(host, name);
}
