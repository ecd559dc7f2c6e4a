import type { ProtocolVersion } from 'rxmqtt';
import { qosOf } from './message-options.js';
import { count, defaulting, duration, flag, text, texts, value, wholeNumber, type ValuesOf } from './option.js';
import { UsageError } from '../usage-error.js';

/** How each command that is a client reaches its broker. */
export const CONNECTION = {
  url: defaulting(
    'mqtt://localhost',
    text('URL', 'the broker: mqtt, mqtts, ws, wss or unix; a bare host is mqtt://host', { short: 'L' }),
  ),
  'client-id': text('ID', 'the client identifier; made up if left out', { short: 'i' }),
  username: text('NAME', 'the user name; the password is asked for, or comes from one of the next two', { short: 'u' }),
  'password-file': text('FILE', 'a file whose first line is the password; or RXMQTT_PASSWORD', { completion: 'file' }),
  'no-password': flag('send no password, and ask for none'),
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
  'will-retain': flag('the broker keeps it'),
  'session-expiry': duration('keep the session at the broker for so long; needs --client-id'),
  'connect-timeout': defaulting('10s', duration('how long connecting may take')),
  retry: flag('keep trying when the first connection fails, too'),
  ca: text('FILE', 'the authorities to trust (PEM); those of Node if left out', { completion: 'file' }),
  cert: text('FILE', "the client's certificate chain (PEM)", { completion: 'file' }),
  key: text('FILE', 'its private key (PEM), unless it stands in --cert', { completion: 'file' }),
  insecure: flag('do not verify the certificate of the broker'),
  alpn: texts('PROTOCOL', 'offer this protocol by ALPN; several times for several', (given) => given),
  servername: text('NAME', 'the name for SNI and the certificate, if not that of the URL'),
  proxy: text('URL', "http://, https:// or socks5:// proxy, or 'env' for HTTPS_PROXY and the like"),
  header: texts('NAME:VALUE', 'a header of the WebSocket upgrade', headerOf),
  profile: text('NAME', 'take options from this profile'),
  verbose: count('show packets; -vv shows their bytes, too', 'v'),
} as const;

export type ConnectionValues = ValuesOf<typeof CONNECTION>;

/** As people write them, and as mosquitto_sub does. */
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
  if (at > 0) return [given.slice(0, at).trim(), given.slice(at + 1).trim()];
  // It may be a token.
  throw new UsageError('is not NAME:VALUE');
}
