import { ServerList } from '../connection/server-list.js';
import { EMPTY } from 'rxjs';
import type { ClientSettings } from './client-settings.js';
import { asMqttError } from './connect-errors.js';

/** The servers of the options. `warn` is told when a service cannot be looked up while others are known. */
export function serverListOf(settings: ClientSettings, warn: (text: string) => void): ServerList {
  const { options, servers, clientId, platform } = settings;
  const { startWith = 'first', tls, socket } = options;
  return new ServerList({
    servers,
    startWith,
    clientId,
    // Without a look-up, `checkServers` lets no service pass.
    lookUp: (url) => platform.lookUp?.({ url, tls, socket }) ?? EMPTY,
    onFailure: (error) => warn(asMqttError(error).message),
  });
}
