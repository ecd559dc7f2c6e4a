import type { Socket } from 'node:net';

/** The handle of a socket, as far as Node's own `socket.setTimeout()` looks at it for the same purpose. */
interface SocketWithHandle {
  readonly _handle?: { readonly writeQueueSize?: number } | null;
}

/**
 * Bytes of the write in progress that the system has not taken yet. A stream counts a write as a whole until it is
 * done, and all that waited for the one before is one write: of megabytes, which take a slow line minutes. Only the
 * handle shows that they go on. 0 for a stream without one.
 */
export function bytesInWrite(socket: Socket): number {
  return (socket as unknown as SocketWithHandle)._handle?.writeQueueSize ?? 0;
}
