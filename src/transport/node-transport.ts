import { defer, type Observable, switchMap, throwError } from 'rxjs';
import { tcp } from './tcp.js';
import type { Connection, ConnectTarget, Transport } from './transport.js';
import { unix } from './unix.js';
import { schemeOf, unsupportedScheme } from './url.js';

/** Loads a transport, and the Node modules it needs, on the first dial. */
function lazy(load: () => Promise<Transport>): Transport {
  return (target) => defer(load).pipe(switchMap((transport) => transport(target)));
}

const tls = lazy(async () => (await import('./tls.js')).tls);
const websocket = lazy(async () => (await import('./web-socket-node.js')).websocket);
const srv = lazy(async () => (await import('./service.js')).service(dial));

const TRANSPORTS: ReadonlyMap<string, Transport> = new Map<string, Transport>([
  ['mqtt', tcp],
  ['tcp', tcp],
  ['mqtts', tls],
  ['tls', tls],
  ['ssl', tls],
  ['ws', websocket],
  ['wss', websocket],
  ['unix', unix],
  ['ws+unix', websocket],
  ['mqtt+srv', srv],
  ['mqtts+srv', srv],
]);

/** The schemes that can be dialled on Node. */
export const NODE_SCHEMES: readonly string[] = [...TRANSPORTS.keys()];

/** Dials by the URL's scheme; an unknown one is a `ConnectError` with code `INVALID_OPTION`. */
export const nodeTransport: Transport = (target) => defer(() => dial(target));

function dial(target: ConnectTarget): Observable<Connection> {
  const transport = TRANSPORTS.get(schemeOf(target.url));
  if (transport !== undefined) return transport(target);
  return throwError(() => unsupportedScheme(target.url, NODE_SCHEMES));
}
