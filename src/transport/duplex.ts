import type { Socket } from 'node:net';
import { SocketConnection } from './socket-connection.js';
import type { AcceptedConnection } from './transport.js';
import type { Writes } from './writes.js';

/** A Node stream that is read and written, such as a socket, or an end of a tunnel. */
export interface DuplexLike {
  readonly writableLength: number;
  readonly writableHighWaterMark: number;
  readonly writableFinished: boolean;
  write(chunk: Uint8Array): boolean;
  end(): unknown;
  destroy(): unknown;
  pause(): unknown;
  resume(): unknown;
  cork(): void;
  uncork(): void;
  on(event: string, listener: (...args: unknown[]) => void): unknown;
  off(event: string, listener: (...args: unknown[]) => void): unknown;
}

/** A stream has `write` and `on`; a connection has neither. */
export const isDuplex = (what: object): what is DuplexLike => 'write' in what && 'on' in what;

/** A connection over an open stream. */
export function duplexConnection(stream: DuplexLike, where: string, writes?: Writes): AcceptedConnection {
  // The other members of a socket are used only where they exist.
  return new SocketConnection(stream as DuplexLike & Socket, where, {}, writes);
}
