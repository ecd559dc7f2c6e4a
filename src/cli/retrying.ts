import { filter, tap } from 'rxjs';
import { backoff, ErrorCode, type ReconnectStrategy } from 'rxmqtt';
import type { ConnectionFailure } from 'rxmqtt';
import { messageOf } from './format/message-of.js';

/** The codes of CONNACK that ask for another protocol version, which the client tries at once. */
const OTHER_VERSION: readonly (number | undefined)[] = [0x01, 0x84];

/**
 * Reconnects after a lost connection, with a message. A command that cannot connect at all ends at once, unless it may
 * wait for the broker.
 */
export function retrying(tell: (line: string) => void, fromTheStart: boolean): ReconnectStrategy {
  let hasConnected = fromTheStart;
  return (failures$) =>
    failures$.pipe(
      filter(({ error }) => error.code !== ErrorCode.CONNECTION_REFUSED || !OTHER_VERSION.includes(error.reasonCode)),
      tap((failure) => {
        hasConnected ||= failure.attempt === 0 || failure.connectedFor > 0;
        if (!hasConnected && !mayBeVersion(failure)) throw failure.error;
        if (hasConnected) tell(`${messageOf(failure.error)}; trying again`);
      }),
      backoff({ minDelay: 500, maxDelay: 15_000 }),
    );
}

/** A broker without MQTT 5 may hang up on CONNECT; the second attempt speaks 3.1.1. */
function mayBeVersion({ attempt, error }: ConnectionFailure): boolean {
  const { cause } = error;
  const isOfSystem = typeof cause === 'object' && cause !== null && 'code' in cause;
  return attempt === 1 && error.code === ErrorCode.CONNECTION_LOST && !isOfSystem;
}
