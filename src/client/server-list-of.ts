import { ServerList } from '../connection/server-list.js';
import { EMPTY, type Observable, throwError, timeout } from 'rxjs';
import type { Server } from '../transport/platform.js';
import { displayUrl } from '../transport/url.js';
import type { ClientSettings } from './client-settings.js';
import { asMqttError, connectTimedOut } from './connect-errors.js';

/** The servers of the options. Calls `warn` when a service cannot be looked up while other servers are known. */
export function serverListOf(settings: ClientSettings, warn: (text: string) => void): ServerList {
  const { options, servers, clientId, platform, connectTimeout } = settings;
  const { startWith = 'first', tls, socket } = options;
  const lookUp = (url: string, hasOthers: boolean): Observable<readonly Server[]> => {
    // Without an answer, the other half of the time is for another server.
    const first = hasOthers ? connectTimeout / 2 : connectTimeout;
    const late = () => throwError(() => connectTimedOut(`looking up ${displayUrl(url)}`, first));
    // On a platform without look-up, `checkServers` has refused services.
    return (platform.lookUp?.({ url, tls, socket }) ?? EMPTY).pipe(timeout({ first, with: late }));
  };
  return new ServerList({
    servers,
    startWith,
    clientId,
    lookUp,
    onFailure: (error) => warn(asMqttError(error).message),
  });
}
