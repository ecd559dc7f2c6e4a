import type { TcpNetConnectOpts } from 'node:net';
import type { SocketOptions } from './transport.js';

/**
 * The socket options that choose the route to the peer. By default all addresses of its name are tried, of either
 * family.
 */
export function routeOptions(
  options: SocketOptions = {},
): Pick<TcpNetConnectOpts, 'family' | 'localAddress' | 'autoSelectFamily'> {
  return {
    ...(options.family === undefined ? { autoSelectFamily: true } : { family: options.family }),
    ...(options.localAddress === undefined ? {} : { localAddress: options.localAddress }),
  };
}
