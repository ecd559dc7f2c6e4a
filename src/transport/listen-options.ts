import type { Socket } from 'node:net';
import type { TlsOptions as NodeServerOptions } from 'node:tls';
import { secureContextOptions } from './tls-options.js';
import type { ServerTlsOptions } from './server-tls-options.js';
import type { AcceptedConnection, SocketOptions } from './transport.js';

export interface ListenOptions {
  readonly tls?: ServerTlsOptions | undefined;
  readonly socket?: SocketOptions | undefined;
  /** The largest WebSocket message that is read, in bytes. Default: 256 MiB, which the largest MQTT packet needs. */
  readonly maxPayload?: number | undefined;
}

/** Takes in a connection that a server accepted, and the socket that it lives on. */
export type Accept = (connection: AcceptedConnection, socket: Socket) => void;

/** Output of a connection on the server's side is small as a rule, and there are many of them. */
export const SERVER_BLOCK_SIZE = 16 * 1024;

/** The options of `tls.createServer`. */
export function tlsServerOptions(options: ServerTlsOptions = {}): NodeServerOptions {
  return {
    ...secureContextOptions(options),
    requestCert: options.requestCert ?? false,
    rejectUnauthorized: options.rejectUnauthorized ?? true,
    ...(options.ALPNProtocols === undefined ? {} : { ALPNProtocols: [...options.ALPNProtocols] }),
  };
}

/** What messages call the other side of an accepted socket. */
export function clientName({ remoteAddress, remotePort }: Socket): string {
  if (remoteAddress === undefined) return 'a client';
  return `client ${remoteAddress.includes(':') ? `[${remoteAddress}]` : remoteAddress}:${remotePort}`;
}
