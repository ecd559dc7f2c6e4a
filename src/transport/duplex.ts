import type { Socket } from 'node:net';
import { SocketConnection } from './socket-connection.js';
import type { AcceptedConnection, PeerInfo } from './transport.js';
import type { Writes } from './writes.js';

/**
 * The part of a Node Duplex that a connection uses: a socket, a tunnel, a serial port. The members are those of
 * `node:stream`.
 */
export interface DuplexLike {
  /** Bytes waiting to be written. */
  readonly writableLength: number;
  /** The stream's own limit for them. */
  readonly writableHighWaterMark: number;
  /** Whether everything was written after `end()`. */
  readonly writableFinished: boolean;
  /** Writes bytes; false if the buffer is full. */
  write(chunk: Uint8Array): boolean;
  /** Ends the writing side. */
  end(): unknown;
  /** Destroys the stream. */
  destroy(): unknown;
  /** Stops reading. */
  pause(): unknown;
  /** Continues reading. */
  resume(): unknown;
  /** Gathers writes until `uncork()`. */
  cork(): void;
  /** Writes the gathered bytes. */
  uncork(): void;
  /** Adds a listener. */
  on(event: string, listener: (...args: unknown[]) => void): unknown;
  /** Removes a listener. */
  off(event: string, listener: (...args: unknown[]) => void): unknown;
}

/** A stream has `write` and `on`; a connection has neither. */
export const isDuplex = (what: object): what is DuplexLike => 'write' in what && 'on' in what;

/** A connection over an open stream. `known` of its peer goes before what the stream knows. */
export function duplexConnection(
  stream: DuplexLike,
  where: string,
  writes?: Writes,
  known?: PeerInfo,
): AcceptedConnection {
  // The other members of a socket are used only where they exist.
  return new SocketConnection(stream as DuplexLike & Socket, where, {}, writes, known);
}
