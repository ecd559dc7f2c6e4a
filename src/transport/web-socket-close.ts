import { ConnectError } from '../errors.js';
import { quoted } from '../quoted.js';

/** The close codes (RFC 6455, section 7.4.1) that the transports send or distinguish. */
export const WebSocketClose = {
  NORMAL: 1000,
  UNSUPPORTED_DATA: 1003,
  NO_STATUS: 1005,
  ABNORMAL: 1006,
} as const;
export type WebSocketClose = (typeof WebSocketClose)[keyof typeof WebSocketClose];

const MEANINGS: Readonly<Record<number, string>> = {
  1001: 'going away',
  1002: 'protocol error',
  1003: 'unsupported data',
  1006: 'no close frame',
  1007: 'invalid data',
  1008: 'policy violation',
  1009: 'message too big',
  1011: 'server error',
  1012: 'service restart',
  1013: 'try again later',
};

/** Whether the code means an orderly close. */
export function closedInOrder(code: number): boolean {
  return code === WebSocketClose.NORMAL || code === WebSocketClose.NO_STATUS;
}

/** The error for a WebSocket closed with another code. */
export function closeFailure(where: string, code: number, reason: string): ConnectError {
  const said = reason === '' ? '' : `, ${quoted(reason)}`;
  return new ConnectError(`connection to ${where} lost: WebSocket closed with ${code}${said}; ${explained(code)}`);
}

function explained(code: number): string {
  const meaning = MEANINGS[code];
  const who =
    code === WebSocketClose.ABNORMAL
      ? 'the network, a proxy or the broker dropped it'
      : 'the broker, or a proxy before it, ended it';
  return meaning === undefined ? who : `${meaning}: ${who}`;
}

/** [MQTT-6.0.0-1] MQTT uses binary frames; any other data frame closes the connection. */
export function textFrameFailure(where: string): ConnectError {
  return new ConnectError(
    `connection to ${where} lost: the peer sent a text frame, and MQTT uses binary frames only; ` +
      'check that the URL leads to an MQTT listener',
  );
}

/** The error for a server that accepted none of the sub-protocols. */
export function subprotocolFailure(where: string, offered: readonly string[]): ConnectError {
  return new ConnectError(
    `connecting to ${where} failed: WebSocket upgrade: the server selected none of the sub-protocols ` +
      `${offered.join(', ')}; check the path, and whether it is an MQTT listener`,
  );
}
