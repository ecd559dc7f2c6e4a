import { ConnectError, MqttError } from '../errors.js';
import { printable } from '../quoted.js';

/** The stage in which a dial failed. */
export type DialStage = 'Proxy' | 'TCP' | 'TLS' | 'WebSocket upgrade';

interface Explanation {
  readonly why: string;
  readonly hint: string;
}

const UNKNOWN_AUTHORITY: Explanation = {
  why: "the peer's certificate comes from an authority that is not trusted",
  hint: "give the authority's certificate as tls.ca or tls.caFile",
};

/** For an answer to the request of a WebSocket as a listener for MQTT over TCP gives it. */
const NO_WEB_SOCKETS = 'does this port take WebSockets? MQTT over TCP uses mqtt: or mqtts:, at another port';

/** Explains the codes of the operating system and of OpenSSL to a user who wants to reach a broker. */
const EXPLANATIONS: Readonly<Record<string, Explanation>> = {
  ECONNREFUSED: { why: 'connection refused', hint: 'is a broker listening there?' },
  ENOTFOUND: { why: 'DNS: no such host', hint: 'check the host name' },
  EAI_AGAIN: { why: 'DNS: the name server did not answer', hint: 'check the network' },
  ETIMEDOUT: { why: 'no answer', hint: 'check the address, and whether a firewall drops the packets' },
  EHOSTUNREACH: { why: 'host unreachable', hint: 'check the address and the network' },
  ENETUNREACH: { why: 'network unreachable', hint: 'check the address and the network' },
  EADDRNOTAVAIL: { why: 'address not available', hint: 'check the address and socket.localAddress' },
  EADDRINUSE: { why: 'the address is in use', hint: 'stop the program that listens there, or use another address' },
  EACCES: { why: 'permission denied', hint: 'check who may use this port or socket' },
  ENOENT: { why: 'no such socket', hint: 'check the path, and whether the broker is running' },
  ECONNRESET: { why: 'reset by the peer', hint: 'the other side, or something on the way, dropped it' },
  EPIPE: { why: 'closed by the peer', hint: 'the other side, or something on the way, dropped it' },
  HPE_INVALID_CONSTANT: { why: 'the server does not speak HTTP', hint: NO_WEB_SOCKETS },
  CERT_HAS_EXPIRED: { why: "the peer's certificate has expired", hint: 'renew it, and check the clock here' },
  CERT_NOT_YET_VALID: { why: "the peer's certificate is not valid yet", hint: 'check the clock here' },
  DEPTH_ZERO_SELF_SIGNED_CERT: {
    why: "the peer's certificate is self-signed and not trusted",
    hint: 'give that certificate as tls.ca or tls.caFile',
  },
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_AUTHORITY,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_AUTHORITY,
  CERT_SIGNATURE_FAILURE: {
    why: "the peer's certificate was not signed by the trusted authority",
    hint: "give the right authority's certificate as tls.ca or tls.caFile",
  },
  ERR_TLS_CERT_ALTNAME_INVALID: {
    why: "the peer's certificate is for another host name",
    hint: 'check the host, or set tls.servername',
  },
  ERR_SSL_WRONG_VERSION_NUMBER: { why: 'the peer does not speak TLS', hint: 'check scheme and port' },
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: {
    why: 'the peer does not trust our certificate',
    hint: 'check tls.cert, and which authority the broker trusts',
  },
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: {
    why: 'the peer asks for a certificate',
    hint: 'give tls.cert and tls.key, or tls.certFile and tls.keyFile',
  },
  ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL: {
    why: 'the peer speaks none of the offered protocols',
    hint: 'check tls.ALPNProtocols',
  },
};

/** The peer gave up. */
const GIVEN_UP: readonly string[] = ['ECONNRESET', 'EPIPE'];

/** The error for a failed dial. `where` is a URL from `displayUrl`. */
export function dialFailure(where: string, stage: DialStage, cause: unknown): MqttError {
  if (cause instanceof MqttError) return cause;
  const { why, hint } = explain(cause, stage);
  return new ConnectError(`connecting to ${where} failed: ${why}; ${hint}`, { cause });
}

/** The error for an open connection that broke. */
export function lineFailure(where: string, cause: unknown): ConnectError {
  const { why, hint } = explain(cause, 'TCP');
  return new ConnectError(`connection to ${where} lost: ${why}; ${hint}`, { cause });
}

/** The error for an address that cannot be listened on. */
export function listenFailure(where: string, cause: unknown): MqttError {
  if (cause instanceof MqttError) return cause;
  const { why, hint } = explain(cause, 'TCP');
  return new ConnectError(`listening on ${where} failed: ${why}; ${hint}`, { cause });
}

/** The text of a thrown value. Does not use `instanceof`: platform errors may come from another realm. */
export function messageOf(cause: unknown): string {
  if (typeof cause === 'object' && cause !== null && 'message' in cause) return String(cause.message);
  return String(cause);
}

function explain(cause: unknown, stage: DialStage): Explanation {
  const code = codeOf(cause);
  const known = EXPLANATIONS[code];
  const prefix = stageOf(code, stage);
  // Refusals are so common that the code would be noise.
  const suffix = code === 'ECONNREFUSED' ? '' : ` (${code})`;
  if (known !== undefined) {
    const hint = stage === 'WebSocket upgrade' && GIVEN_UP.includes(code) ? NO_WEB_SOCKETS : known.hint;
    return { why: `${prefix}${known.why}${suffix}`, hint };
  }
  return { why: `${prefix}${printable(messageOf(cause)) || code}`, hint: 'see the cause of this error' };
}

/** The prefix for the stage. System errors belong to no stage, unless the peer gave up in one. */
function stageOf(code: string, stage: DialStage): string {
  if (code.startsWith('ERR_TLS_') || code.startsWith('ERR_SSL_')) return 'TLS: ';
  const ofTheLine = /^E[A-Z]+(_[A-Z]+)?$/.test(code) && !code.startsWith('ERR_');
  return stage === 'TCP' || stage === 'Proxy' || (ofTheLine && !GIVEN_UP.includes(code)) ? '' : `${stage}: `;
}

function codeOf(cause: unknown): string {
  if (typeof cause !== 'object' || cause === null || !('code' in cause) || typeof cause.code !== 'string') return '';
  // Some TLS failures arrive as a failed write with OpenSSL's reason in the text.
  const reason = cause.code === 'EPROTO' ? /SSL routines:[^:]*:([^:]+)/.exec(messageOf(cause))?.[1] : undefined;
  return reason === undefined ? cause.code : `ERR_SSL_${reason.toUpperCase().replace(/ /g, '_')}`;
}
