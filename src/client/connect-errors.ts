import { ConnectError, ErrorCode, MqttError, TimeoutError } from '../errors.js';

/** Adds the server to an error that does not name it. An option that cannot be used is not the server's fault. */
export function withServer(error: MqttError, url: string): MqttError {
  if (error.code !== ErrorCode.INVALID_OPTION && !error.message.includes(url)) {
    error.message = `connection to ${url}: ${error.message}`;
  }
  return error;
}

/**
 * The client left the connection or the attempt on purpose: for `reconnect()`, or to return to the preferred server.
 */
export function connectionLeft(preferred?: string): ConnectError {
  const why = preferred === undefined ? 'by reconnect()' : `to return to ${preferred}`;
  return new ConnectError(`the connection was left ${why}`);
}

/** A stage of connecting took too long. */
export function connectTimedOut(what: string, ms: number): TimeoutError {
  return new TimeoutError(
    `${what} took longer than ${ms} ms; is the broker reachable, and connectTimeout long enough?`,
  );
}

/** System error codes for a host that cannot be reached, or a port without a listener. */
const UNREACHABLE = /^(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ETIMEDOUT|ENOENT|ENOTFOUND|EAI_AGAIN)$/;

/** Whether a server did not answer: it is down, or the network on the way to it. */
export function isUnreachable({ code, cause }: MqttError): boolean {
  if (code === ErrorCode.TIMEOUT) return true;
  if (code !== ErrorCode.CONNECTION_LOST || typeof cause !== 'object' || cause === null) return false;
  return 'code' in cause && UNREACHABLE.test(String(cause.code));
}

/** @param what - what failed. */
export function asMqttError(error: unknown, what = 'connecting'): MqttError {
  if (error instanceof MqttError) return error;
  return new ConnectError(`${what} failed: ${error instanceof Error ? error.message : String(error)}`, {
    cause: error,
  });
}
