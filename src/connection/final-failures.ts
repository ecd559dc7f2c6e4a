import { ConnectError, ErrorCode, type MqttError, ProtocolError } from '../errors.js';

/** Why the next attempt may differ from the failed one. */
export interface NextAttempt {
  /** `beforeConnect` may bring another address, identifier or token. */
  readonly isPrepared: boolean;
  /** An authentication mechanism produces new data. */
  readonly isAuthenticated: boolean;
  /** The files of the TLS options are read again. */
  readonly readsFiles: boolean;
  /** The attempt goes to a server that has not failed in this way since the last connection. */
  readonly isElsewhere: boolean;
}

/** A failure that recurs however long the client waits, unless one of the differences makes the next attempt differ. */
interface Row {
  /** The error's code, which tells how far the attempt got. */
  readonly code: ErrorCode;
  /** The codes of CONNACK or DISCONNECT; those below 0x80 are the return codes of 3.1.1. Undefined: any or none. */
  readonly reasonCodes: readonly number[] | undefined;
  readonly unless: readonly (keyof NextAttempt)[];
}

/** The broker answered CONNECT. */
const CONNACK = ErrorCode.CONNECTION_REFUSED;
/** The broker ended the connection by DISCONNECT. */
const DISCONNECT = ErrorCode.DISCONNECTED;
const CREDENTIALS = ['isPrepared', 'isAuthenticated', 'isElsewhere'] as const;

/**
 * Final or retried: the failures that end the client. Everything else is retried: lost lines, time-outs, protocol
 * errors, and brokers that are busy, unavailable, shutting down or moved.
 */
const TABLE: readonly Row[] = [
  // An address or a key that cannot be used, a policy of the page that forbids the address.
  { code: ErrorCode.INVALID_OPTION, reasonCodes: undefined, unless: ['isPrepared', 'readsFiles', 'isElsewhere'] },
  // There is no WebSocket.
  { code: ErrorCode.UNSUPPORTED_PLATFORM, reasonCodes: undefined, unless: [] },
  // The protocol version.
  { code: CONNACK, reasonCodes: [0x01, 0x84], unless: ['isElsewhere'] },
  // The client identifier.
  { code: CONNACK, reasonCodes: [0x02, 0x85], unless: ['isPrepared', 'isElsewhere'] },
  // User name, password, token, method of authentication.
  { code: CONNACK, reasonCodes: [0x04, 0x05, 0x86, 0x87, 0x8c], unless: CREDENTIALS },
  { code: DISCONNECT, reasonCodes: [0x87, 0x8c], unless: CREDENTIALS },
  // Banned.
  { code: CONNACK, reasonCodes: [0x8a], unless: ['isElsewhere'] },
  // Session taken over: two clients with one identifier would end each other's connections forever.
  { code: DISCONNECT, reasonCodes: [0x8e], unless: [] },
];

/**
 * The reason codes that end the client unless the next attempt can differ. Codes below 0x80 are the CONNACK return
 * codes of 3.1.1; the others are MQTT 5 reason codes, in CONNACK or DISCONNECT.
 */
export const FATAL_REASON_CODES: ReadonlySet<number> = /* @__PURE__ */ new Set(
  /* @__PURE__ */ TABLE.flatMap(({ reasonCodes }) => reasonCodes ?? []),
);

/** Whether the same attempt would fail again, however long the client waits. */
export function recurs(error: MqttError): boolean {
  return rowOf(error) !== undefined;
}

/** Whether retrying is pointless. */
export function isFinal(error: MqttError, next: NextAttempt): boolean {
  const row = rowOf(error);
  return row !== undefined && !row.unless.some((difference) => next[difference]);
}

function rowOf({ code, reasonCode = -1 }: MqttError): Row | undefined {
  return TABLE.find(
    (row) => row.code === code && (row.reasonCodes === undefined || row.reasonCodes.includes(reasonCode)),
  );
}

/** Whether the broker refused the protocol version in CONNACK, by an MQTT 5 or a 3.1.1 code. */
export function isVersionRefusal({ code, reasonCode }: MqttError): boolean {
  return code === CONNACK && (reasonCode === 0x84 || reasonCode === 0x01);
}

/** Whether the handshake failed as it does with brokers that lack MQTT 5. A bad line looks the same. */
export function isVersionDoubt(error: unknown): boolean {
  if (error instanceof ConnectError) return error.code === ErrorCode.CONNECTION_LOST;
  // The CONNACK of 3.1.1 is malformed in MQTT 5.
  return error instanceof ProtocolError && error.reasonCode === 0x81;
}
