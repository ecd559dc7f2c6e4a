import { ServerList } from '../connection/server-list.js';
import { EMPTY } from 'rxjs';
import type { ClientSettings } from './client-settings.js';
import { asMqttError } from './connect-errors.js';

/** The servers of the options. Calls `warn` when a service cannot be looked up while other servers are known. */
export function serverListOf(settings: ClientSettings, warn: (text: string) => void): ServerList {
  const { options, servers, clientId, platform } = settings;
  const { startWith = 'first', tls, socket } = options;
  return new ServerList({
    servers,
    startWith,
    clientId,
    // On a platform without look-up, `checkServers` has refused services.
    lookUp: (url) => platform.lookUp?.({ url, tls, socket }) ?? EMPTY,
    onFailure: (error) => warn(asMqttError(error).message),
  });
}
