import { catchError, concat, EMPTY, ignoreElements, type Observable, throwError } from 'rxjs';
import { MqttError, ProtocolError } from '../errors.js';
import { encode } from '../packet/encode.js';
import type { ProtocolVersion } from '../packet/packets.js';
import { allowedReasonCodes } from '../packet/reason-codes.js';
import type { Connection } from '../transport/transport.js';

/**
 * Ends a failed connection, then errors with the reason. MQTT 5 sends DISCONNECT to a peer that broke the protocol and
 * waits for it to close. MQTT 3.1.1 cannot give a reason, so the connection is just closed and the will is published.
 * Codes that clients may not send become 0x82 [MQTT-3.14.2-1].
 */
export function disconnectWith(connection: Connection, version: ProtocolVersion, error: unknown): Observable<never> {
  const reason = error instanceof MqttError ? error : internalError(error);
  if (version !== 5 || !(reason instanceof ProtocolError)) return throwError(() => reason);
  const reasonCode = allowedReasonCodes.disconnect.client.has(reason.reasonCode) ? reason.reasonCode : 0x82;
  encode({ cmd: 'disconnect', reasonCode }, connection.out, version);
  connection.commit();
  connection.end();
  return concat(
    closed(connection),
    throwError(() => reason),
  );
}

/** Completes when the connection has closed, with or without an error. */
function closed(connection: Connection): Observable<never> {
  return connection.incoming$.pipe(
    ignoreElements(),
    catchError(() => EMPTY),
  );
}

/** Any other error is a fault of this implementation. */
function internalError(error: unknown): MqttError {
  return new ProtocolError(`handling the connection failed: ${String(error)}; see its cause`, {
    reasonCode: 0x83,
    cause: error,
  });
}
