import { defer, type Observable, throwError } from 'rxjs';
import { ConnectError, ErrorCode, MqttError } from '../errors.js';
import type { ClientSession } from './client-session.js';
import type { ConnectionManager } from './connection-manager.js';

/** Authenticates the connection again; see `MqttClient.reauthenticate`. */
export function reauthenticate(session: ClientSession, manager: ConnectionManager): Observable<void> {
  return defer(() => session.reauthentication?.start() ?? throwError(() => impossible(session, manager)));
}

function impossible({ settings }: ClientSession, { link }: ConnectionManager): MqttError {
  const failed = 'reauthenticate failed:';
  if (link === undefined) {
    return new ConnectError(`${failed} the client is not connected; wait for state "connected"`);
  }
  const why =
    settings.options.auth === undefined
      ? 'the client has no option auth'
      : // [MQTT-4.12.0-7]
        'this connection was made without an authentication method';
  return new MqttError(`${failed} ${why}`, { code: ErrorCode.NOT_SUPPORTED });
}
