import { MqttError } from '../errors.js';

/**
 * Refusals that would recur on every attempt: they end the client. Codes below 0x80 are the CONNACK return codes of
 * 3.1.1; the others are MQTT 5 reason codes, in CONNACK or DISCONNECT. Everything else (server busy, unavailable,
 * moved, network trouble) is retried.
 */
export const FATAL_REASON_CODES: ReadonlySet<number> = new Set([
  0x01, // unacceptable protocol version
  0x02, // identifier rejected
  0x04, // bad user name or password
  0x05, // not authorised
  0x84, // unsupported protocol version
  0x85, // client identifier not valid
  0x86, // bad user name or password
  0x87, // not authorised
  0x8a, // banned
  0x8c, // bad authentication method
  0x8e, // session taken over
]);

/** Whether retrying is pointless. */
export function isFatal(error: MqttError): boolean {
  return error.name === 'ConnectError' && error.reasonCode !== undefined && FATAL_REASON_CODES.has(error.reasonCode);
}

/** Whether the broker refused the protocol version, by an MQTT 5 or a 3.1.1 code. */
export function isVersionRefusal(error: unknown): boolean {
  return error instanceof MqttError && (error.reasonCode === 0x84 || error.reasonCode === 0x01);
}
