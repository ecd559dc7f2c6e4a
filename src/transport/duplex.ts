import type { Socket } from 'node:net';
import { SocketConnection } from './socket-connection.js';
import type { AcceptedConnection } from './transport.js';

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

/** What has `write` and `on` is a stream; a connection has neither. */
export const isDuplex = (what: object): what is DuplexLike => 'write' in what && 'on' in what;

/** The other side's bytes and ours over a stream that is open. */
export function duplexConnection(stream: DuplexLike, where: string, blockSize?: number): AcceptedConnection {
  // What a socket has beyond that is used where it is there.
  return new SocketConnection(stream as DuplexLike & Socket, where, {}, blockSize);
}
