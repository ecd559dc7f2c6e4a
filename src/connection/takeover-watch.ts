import { ConnectError, ErrorCode, type MqttError } from '../errors.js';
import type { ProtocolVersion } from '../packet/packets.js';
import { quoted } from '../quoted.js';

/** Two takeovers within this many ms mean two clients with one identifier. */
const WITHIN = 60_000;
const SESSION_TAKEN_OVER = 0x8e;

/** Notices that another client uses the same client identifier: each of the two ends the other's connection. */
export class TakeoverWatch {
  private before = -Infinity;

  /** A connection has ended. Returns a warning with every second takeover within a minute. */
  ended(error: MqttError, version: ProtocolVersion, clientId: string, now: number): ConnectError | undefined {
    const isTold = error.reasonCode === SESSION_TAKEN_OVER;
    // MQTT 3.1.1 closes the connection, and gives no reason.
    const isGuessed = version !== 5 && error.code === ErrorCode.DISCONNECTED && error.reasonCode === undefined;
    if (!isTold && !isGuessed) return undefined;
    const again = now - this.before <= WITHIN;
    this.before = again ? -Infinity : now;
    return again ? warning(isTold, clientId) : undefined;
  }
}

function warning(isTold: boolean, clientId: string): ConnectError {
  const what = isTold
    ? `another client has taken over the client identifier ${quoted(clientId)} twice within a minute`
    : 'the broker has closed the connection twice within a minute, as it does when another client connects with the ' +
      `client identifier ${quoted(clientId)}`;
  return new ConnectError(`${what}; give each client its own clientId`, {
    code: ErrorCode.DISCONNECTED,
    reasonCode: isTold ? SESSION_TAKEN_OVER : undefined,
  });
}
