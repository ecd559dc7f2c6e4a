import type { Socket } from 'node:net';
import type { TlsOptions as NodeServerOptions } from 'node:tls';
import { secureContextOptions } from './tls-options.js';
import type { ServerTlsOptions } from './server-tls-options.js';
import type { AcceptedConnection, SocketOptions } from './transport.js';

export interface ListenOptions {
  readonly tls?: ServerTlsOptions | undefined;
  readonly socket?: SocketOptions | undefined;
  /** The largest WebSocket message to read, in bytes. Default 256 MiB, which the largest MQTT packet needs. */
  readonly maxPayload?: number | undefined;
}

/** Receives an accepted connection and its socket. */
export type Accept = (connection: AcceptedConnection, socket: Socket) => void;

/** A server usually sends little per connection and has many of them. */
export const SERVER_BLOCK_SIZE = 16 * 1024;

/** The options of `tls.createServer`. */
export function tlsServerOptions(options: ServerTlsOptions = {}): NodeServerOptions {
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
  return `client ${remoteAddress.includes(':') ? `[${remoteAddress}]` : remoteAddress}:${remotePort}`;
}
