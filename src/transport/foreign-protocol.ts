import { ConnectError, ErrorCode } from '../errors.js';

/** Protocols that may answer at a port that is not a broker's, by their first bytes. */
const GREETINGS: readonly (readonly [greeting: string, name: string])[] = [
  ['HTTP', 'HTTP'],
  ['SSH-', 'SSH'],
];
/** A TLS record: an alert, or a part of a handshake. */
const TLS_RECORDS: readonly number[] = [0x15, 0x16];

/**
 * The error for a server whose first bytes are another protocol's; undefined when they may be MQTT. CONNACK, AUTH and
 * DISCONNECT never begin with four printable characters.
 * @param url from `displayUrl`
 */
export function foreignProtocol(url: string, [a = 0, b = 0, c = 0, d = 0]: Uint8Array): ConnectError | undefined {
  if (TLS_RECORDS.includes(a) && b === 3) return speaks(url, 'TLS', `use ${url.startsWith('ws') ? 'wss:' : 'mqtts:'}`);
  if (![a, b, c, d].every((byte) => byte >= 0x20 && byte < 0x7f)) return undefined;
  const greeting = String.fromCharCode(a, b, c, d);
  const name = GREETINGS.find(([known]) => known === greeting)?.[1];
  if (name === 'HTTP')
    return speaks(url, name, `use ${/^(mqtts|tls|ssl)/.test(url) ? 'wss:' : 'ws:'} for MQTT over WebSocket`);
  return speaks(url, name ?? 'another protocol', 'check host and port');
}

function speaks(url: string, name: string, hint: string): ConnectError {
  return new ConnectError(`the server at ${url} speaks ${name}, not MQTT; ${hint}`, { code: ErrorCode.PROTOCOL });
}
