import type { Socket } from 'node:net';
import type { Observable } from 'rxjs';
import type { ProxyUrl } from './proxy-url.js';
import type { ConnectTarget } from './transport.js';

/** The ends of a tunnel through a proxy. */
export interface TunnelRequest {
  readonly target: ConnectTarget;
  readonly proxy: ProxyUrl;
  /** The broker, where the tunnel ends. */
  readonly host: string;
  readonly port: number;
  /** For messages: the broker and the proxy, without secrets. */
  readonly where: string;
}

/**
 * Opens a socket through a proxy: emits it once, with the tunnel open, and errors with a `ConnectError`. Unsubscribing
 * destroys it, in any state.
 */
export type Tunnel = (request: TunnelRequest) => Observable<Socket>;
