import { ErrorCode, type MqttError, SubscribeError } from '../errors.js';
import { reasonCodeName } from '../packet/reason-codes.js';

/** Offline, and requests may not wait for a connection. */
export function offline(what: string, filter = ''): SubscribeError {
  return new SubscribeError(
    `${what} to "${filter}" failed: the client is not connected, and the option retention does not allow waiting`,
    { filter, code: ErrorCode.CONNECTION_LOST },
  );
}

/** SUBACK refused the filter. */
export function refused(filter: string, reasonCode: number): SubscribeError {
  return new SubscribeError(`subscribe to "${filter}" was refused by the broker: ${reasonCodeName(reasonCode)}`, {
    filter,
    reasonCode,
  });
}

/** The filter that the `Quarantine` has convicted: some brokers hang up instead of refusing it in SUBACK. */
export function hungUpOn(filter: string, reason: MqttError): SubscribeError {
  return new SubscribeError(
    `subscribe to "${filter}" was refused: the broker ended the connection each time it was sent alone ` +
      `(${reason.message}); look at the filter and the permissions`,
    { filter, cause: reason, reasonCode: reason.reasonCode },
  );
}

/** [MQTT-3.2.2-15] */
export function tooLarge(filter: string, what: string, size: number, maximum: number): SubscribeError {
  return new SubscribeError(
    `${what} "${filter}" failed: the packet has ${size} bytes, but the broker accepts at most ${maximum}`,
    { filter, code: ErrorCode.PACKET_TOO_LARGE, reasonCode: 0x95 },
  );
}

/** The broker has one subscription for all observers of a filter, and therefore one set of options. */
export function conflict(filter: string, option: string, value: unknown): SubscribeError {
  return new SubscribeError(
    `subscribe to "${filter}" failed: it is already subscribed with ${option} ${String(value)}, and a broker keeps one ` +
      `set of options per filter; use the same options, or unsubscribe the other first`,
    { filter, code: ErrorCode.SUBSCRIBE_CONFLICT },
  );
}
