import { ErrorCode, MqttError } from 'rxmqtt';
import { UsageError } from './usage-error.js';

/** The exit codes of the command. */
export const ExitCode = {
  DONE: 0,
  /** Any other failure. */
  ERROR: 1,
  /** The command line, the environment or a profile is invalid. */
  USAGE: 2,
  /** A time limit has passed. */
  TIMEOUT: 3,
  /** The broker has refused the connection, a subscription or a message. */
  REFUSED: 4,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

const INVALID: readonly ErrorCode[] = [
  ErrorCode.INVALID_OPTION,
  ErrorCode.INVALID_TOPIC,
  ErrorCode.INVALID_FILTER,
  ErrorCode.INVALID_PROPERTY,
];
const REFUSED: readonly ErrorCode[] = [
  ErrorCode.CONNECTION_REFUSED,
  ErrorCode.SUBSCRIBE_REFUSED,
  ErrorCode.PUBLISH_REFUSED,
  ErrorCode.NOT_SUPPORTED,
];

/** Codes of DISCONNECT that are about our packets, not about the broker's state. */
const OUR_FAULT: ReadonlySet<number> = new Set([0x87, 0x8c, 0x8f, 0x90, 0x94, 0x95, 0x97, 0x99, 0x9a, 0x9b, 0x9e]);

export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof UsageError) return ExitCode.USAGE;
  if (!(error instanceof MqttError)) return ExitCode.ERROR;
  const { code, reasonCode = 0, cause } = error;
  if (INVALID.includes(code)) return ExitCode.USAGE;
  if (code === ErrorCode.TIMEOUT) return ExitCode.TIMEOUT;
  if (REFUSED.includes(code) || (code === ErrorCode.DISCONNECTED && OUR_FAULT.has(reasonCode))) return ExitCode.REFUSED;
  // Operations that were waiting get the failure of the client as their cause.
  return code === ErrorCode.CLOSED && cause instanceof MqttError ? exitCodeOf(cause) : ExitCode.ERROR;
}
