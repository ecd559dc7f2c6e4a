import { validateHeaderName } from 'node:http';
import type { ProtocolVersion } from 'rxmqtt';
import { qosOf } from './message-options.js';
import { count, defaulting, duration, flag, text, texts, value, wholeNumber, type ValuesOf } from './option.js';
import { UsageError } from '../usage-error.js';

/** The options of every client command for its connection. */
export const CONNECTION = {
  url: defaulting(
    'mqtt://localhost',
    text('URL', 'the broker: mqtt, mqtts, ws, wss or unix; a bare host is mqtt://host', { short: 'L' }),
  ),
  'client-id': text('ID', 'the client identifier; random if left out', { short: 'i' }),
  username: text('NAME', 'the user name; the password is asked for, or comes from one of the next two', { short: 'u' }),
  'password-file': text('FILE', 'a file whose first line is the password; or RXMQTT_PASSWORD', { completion: 'file' }),
  'no-password': flag('send no password, and do not ask for one'),
  'protocol-version': defaulting(
    'auto',
    value('5|3.1.1|3.1|auto', 'the version of MQTT; auto is 5, then 3.1.1', versionOf, {
      short: 'V',
      completion: ['5', '3.1.1', '3.1', 'auto'],
    }),
  ),
  keepalive: defaulting('60', wholeNumber('SECONDS', 'the keep-alive period; 0 for none', 0, 65_535, { short: 'k' })),
  'will-topic': text('TOPIC', 'the broker publishes a message there when this client disappears'),
  'will-payload': text('TEXT', 'its payload; empty if left out'),
  'will-qos': value('0|1|2', 'its QoS [0]', qosOf, { completion: ['0', '1', '2'] }),
  'will-retain': flag('the broker retains it'),
  'session-expiry': duration('how long the broker keeps the session; needs --client-id'),
  'connect-timeout': defaulting('10s', duration('how long connecting may take')),
  retry: flag('keep trying when the first connection fails, too'),
  ca: text('FILE', "the certificate authorities to trust (PEM); Node's if left out", { completion: 'file' }),
  cert: text('FILE', "the client's certificate chain (PEM)", { completion: 'file' }),
  key: text('FILE', 'its private key (PEM), unless --cert contains it', { completion: 'file' }),
  insecure: flag('do not verify the certificate of the broker'),
  alpn: texts('PROTOCOL', 'offer this protocol by ALPN; may be repeated', (given) => given),
  servername: text('NAME', 'the name for SNI and the certificate, if not that of the URL'),
  proxy: text('URL', "http://, https:// or socks5:// proxy, or 'env' for HTTPS_PROXY and the like"),
  header: texts('NAME:VALUE', 'a header of the WebSocket upgrade', headerOf),
  profile: text('NAME', 'take options from this profile'),
  verbose: count('show packets; -vv shows their bytes, too', 'v'),
} as const;

export type ConnectionValues = ValuesOf<typeof CONNECTION>;

/** The usual spellings, and those of mosquitto_sub. */
const VERSIONS: Readonly<Record<string, ProtocolVersion | 'auto'>> = {
  auto: 'auto',
  '5': 5,
  '5.0': 5,
  mqttv5: 5,
  '4': 4,
  '3.1.1': 4,
  '311': 4,
  mqttv311: 4,
  '3': 3,
  '3.1': 3,
  '31': 3,
  mqttv31: 3,
};

function versionOf(given: string): ProtocolVersion | 'auto' {
  const version = Object.hasOwn(VERSIONS, given) ? VERSIONS[given] : undefined;
  if (version !== undefined) return version;
  throw new UsageError(`is not 5, 3.1.1, 3.1 or auto: '${given}'`);
}

function headerOf(given: string): readonly [name: string, value: string] {
  const at = given.indexOf(':');
  const name = given.slice(0, Math.max(at, 0)).trim();
  try {
    validateHeaderName(name);
  } catch {
    // Not quoted, because it may be a token.
    throw new UsageError('is not NAME:VALUE');
  }
  return [name, given.slice(at + 1).trim()];
}
