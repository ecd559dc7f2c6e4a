import { ErrorCode, SubscribeError } from '../errors.js';
import { reasonCodeName } from '../packet/reason-codes.js';

/** There is no connection, and nothing may wait for one. */
export function offline(what: string, filter = ''): SubscribeError {
  return new SubscribeError(
    `${what} to "${filter}" failed: there is no connection, and the option retention lets it not wait for one`,
    { filter, code: ErrorCode.CONNECTION_LOST },
  );
}

/** SUBACK says no. */
export function refused(filter: string, reasonCode: number): SubscribeError {
  return new SubscribeError(`subscribe to "${filter}" was refused by the broker: ${reasonCodeName(reasonCode)}`, {
    filter,
    reasonCode,
  });
}

/** [MQTT-3.2.2-15] */
export function tooLarge(filter: string, what: string, size: number, maximum: number): SubscribeError {
  return new SubscribeError(
    `${what} "${filter}" failed: the packet has ${size} bytes, and the broker takes ${maximum} at most`,
    { filter, code: ErrorCode.PACKET_TOO_LARGE, reasonCode: 0x95 },
  );
}

/** Two observers of one filter have one subscription at the broker, and so one set of its options. */
export function conflict(filter: string, option: string, value: unknown): SubscribeError {
  return new SubscribeError(
    `subscribe to "${filter}" failed: it is subscribed with ${option} ${String(value)} already, and a broker keeps one ` +
      `set of options a filter; ask for the same, or end the other subscription first`,
    { filter, code: ErrorCode.SUBSCRIBE_CONFLICT },
  );
}
