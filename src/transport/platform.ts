import type { Observable } from 'rxjs';
import type { ConnectError } from '../errors.js';
import { type Check, type Checks, numberIn, object, or, list, text } from '../options/check-options.js';
import type { ConnectTarget, SocketOptions, WebSocketOptions } from './transport.js';

/** The options that differ between platforms. */
export interface PlatformOptions {
  readonly tls?: unknown;
  readonly ws?: unknown;
  readonly socket?: unknown;
  readonly proxy?: unknown;
}

/** A server to dial. */
export interface Server {
  readonly url: string;
  /** Servers of a lower number come first. */
  readonly priority: number;
  /** Its share of the clients, among the servers of one priority. */
  readonly weight: number;
}

/** The differences between the platforms that a client runs on. */
export interface Platform {
  /** The broker of a client without an address; undefined if there is no default. */
  readonly defaultUrl: string | undefined;
  /** Why no attempt can reach an address; undefined if it can be dialled. */
  readonly urlProblem: (url: string) => string | undefined;
  /**
   * Looks up the servers of a `mqtt+srv://` URL, in the order in which to try them; undefined where there is no DNS.
   */
  readonly lookUp:
    ((target: Pick<ConnectTarget, 'url' | 'tls' | 'socket'>) => Observable<readonly Server[]>) | undefined;
  /** The error for a server whose first bytes are another protocol's; undefined when they may be MQTT. */
  readonly foreignProtocol: (url: string, first: Uint8Array) => ConnectError | undefined;
  /** The checks of the options that its transports take. */
  readonly options: Checks<PlatformOptions>;
}

/** Refuses an option that this platform cannot honour. */
const nodeOnly =
  (instead: string): Check =>
  (_value, name, where) => {
    throw new TypeError(`${where}: ${name} works on Node only; ${instead}`);
  };

const own = nodeOnly('browsers choose it');

/** The sub-protocols of a WebSocket. */
export const protocols: Check = or((value) => typeof value === 'string', list(text, 'texts'));

export const highWaterMark = numberIn(1, Infinity, 'bytes');

const WS: Checks<WebSocketOptions> = {
  protocols,
  headers: nodeOnly('browsers send none; use username and password'),
  agent: own,
  maxPayload: own,
};

const SOCKET: Checks<SocketOptions> = {
  highWaterMark,
  noDelay: own,
  keepAliveInitialDelay: own,
  family: own,
  localAddress: own,
  closeTimeout: own,
  resolveSrv: nodeOnly('browsers have no DNS'),
};

/** A platform without access to the system: browsers, workers. */
export const genericPlatform: Platform = {
  defaultUrl: undefined,
  urlProblem: () => undefined,
  lookUp: undefined,
  // No other protocol can answer on an open WebSocket.
  foreignProtocol: () => undefined,
  options: {
    tls: nodeOnly('browsers use the TLS settings of the system'),
    ws: object(WS),
    socket: object(SOCKET),
    proxy: nodeOnly('browsers use the proxy of the system'),
  },
};
