import type { Socket } from 'node:net';
import type { TlsOptions as NodeServerOptions } from 'node:tls';
import type { AcceptGate } from './accept-gate.js';
import { inUrl } from './broker-url.js';
import type { ConnectionBase } from './connection-base.js';
import { unusable } from './key-material.js';
import { secureContextOptions } from './tls-options.js';
import type { ServerTlsOptions } from './server-tls-options.js';
import type { SocketOptions } from './transport.js';

export interface ListenOptions {
  readonly tls?: ServerTlsOptions | undefined;
  readonly socket?: SocketOptions | undefined;
  /** The largest WebSocket message to read, in bytes. Default 256 MiB, which the largest MQTT packet needs. */
  readonly maxPayload?: number | undefined;
  /**
   * Origins of further pages that may connect to a WebSocket listener, beside its own host name; `*` for all. Default:
   * none.
   */
  readonly origins?: readonly string[] | undefined;
  /** Decides whether a socket may stay, as soon as it is accepted. Default: every socket may. */
  readonly gate?: AcceptGate | undefined;
  /** How long TLS and the WebSocket upgrade may take together, in ms. Default: Node's limits. */
  readonly handshakeTimeout?: number | undefined;
}

/** Receives an accepted connection and its socket. */
export type Accept = (connection: ConnectionBase, socket: Socket) => void;

/**
 * The options of `tls.createServer`.
 * @throws ConnectError without a certificate: Node would listen, and refuse every client.
 */
export function tlsServerOptions(options: ServerTlsOptions = {}): NodeServerOptions {
  if (options.cert === undefined && options.pfx === undefined) {
    throw unusable('tls', 'a listener presents a certificate; give tls.cert and tls.key, or tls.pfx');
  }
  return {
    ...secureContextOptions(options, false),
    requestCert: options.requestCert ?? false,
    rejectUnauthorized: options.rejectUnauthorized ?? true,
    ...(options.ALPNProtocols === undefined ? {} : { ALPNProtocols: [...options.ALPNProtocols] }),
  };
}

/** The name of an accepted socket's peer in messages. */
export function clientName({ remoteAddress, remotePort }: Socket): string {
  if (remoteAddress === undefined) return 'a client';
  return `client ${inUrl(remoteAddress)}:${remotePort}`;
}
