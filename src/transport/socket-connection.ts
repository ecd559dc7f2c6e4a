import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { ConnectionBase } from './connection-base.js';
import { lineFailure } from './failures.js';
import type { PeerInfo, SocketOptions } from './transport.js';

/** Bytes that a socket may hold before it counts as congested: what is written in one go stays in the nearer caches. */
export const DEFAULT_HIGH_WATER_MARK = 512 * 1024;

/** Half of what a socket may hold: large payloads go out in few writes, and the next is at hand when one is through. */
const FLUSH_AT = DEFAULT_HIGH_WATER_MARK / 2;

/** A connection over a TCP, TLS or Unix socket that is open; the same for the side that dialled and the other. */
export class SocketConnection extends ConnectionBase {
  readonly peer: PeerInfo;
  private readonly highWaterMark: number;
  private readonly onData = (chunk: Uint8Array): void => this.received(chunk);
  private readonly onDrain = (): void => this.drained();
  private readonly onEnd = (): void => {
    // After end() the stream is over when the socket has closed, which tells that our own bytes went out as well.
    if (!this.ended) this.finish();
    this.closeAfterUnsent();
  };
  private readonly onError = (cause: Error): void => {
    // A peer that drops the line on hearing our goodbye has heard it.
    if (this.ended && this.socket.writableFinished) this.finish();
    else this.finish(lineFailure(this.where, cause));
  };
  private readonly onClose = (): void => {
    this.released();
    this.finish();
    this.letGo();
  };

  constructor(
    private readonly socket: Socket,
    private readonly where: string,
    options: SocketOptions = {},
    blockSize?: number,
  ) {
    super(blockSize);
    this.flushAt = FLUSH_AT;
    this.peer = peerOf(socket, where);
    // Node tells of room only to those who filled the socket up to its own mark.
    this.closeTimeout = options.closeTimeout ?? this.closeTimeout;
    this.highWaterMark = Math.max(options.highWaterMark ?? DEFAULT_HIGH_WATER_MARK, socket.writableHighWaterMark);
    tuneSocket(socket, options);
    socket.pause();
    socket.on('data', this.onData);
    socket.on('drain', this.onDrain);
    socket.on('end', this.onEnd);
    socket.on('error', this.onError);
    socket.on('close', this.onClose);
  }

  protected send(chunks: Uint8Array[]): void {
    const { socket } = this;
    if (chunks.length === 1) {
      socket.write(chunks[0] as Uint8Array);
    } else {
      socket.cork();
      for (const chunk of chunks) socket.write(chunk);
      socket.uncork();
    }
    if (socket.writableLength > this.highWaterMark) this.congested = true;
  }

  protected unsent(): number {
    return this.socket.writableLength;
  }

  protected closeSocket(): void {
    this.socket.end();
  }

  protected destroySocket(): void {
    this.letGo();
    this.socket.destroy();
  }

  protected pauseSocket(): void {
    this.socket.pause();
  }

  protected resumeSocket(): void {
    this.socket.resume();
  }

  private letGo(): void {
    const { socket } = this;
    socket.off('data', this.onData);
    socket.off('drain', this.onDrain);
    socket.off('end', this.onEnd);
    socket.off('error', this.onError);
    socket.off('close', this.onClose);
    ignoreErrors(socket);
  }
}

/** For a socket that was given up: what goes wrong with it now concerns nobody, and must not end the process. */
export function ignoreErrors(socket: {
  on(event: 'error', listener: () => void): unknown;
  off(event: 'error', listener: () => void): unknown;
}): void {
  socket.off('error', ignore);
  socket.on('error', ignore);
}

function ignore(): void {
  // See ignoreErrors.
}

export function tuneSocket(socket: Socket, options: SocketOptions): void {
  // Streams that are no sockets have nothing to tune.
  if (!('setNoDelay' in socket)) return;
  socket.setNoDelay(options.noDelay ?? true);
  if (options.keepAliveInitialDelay !== undefined) socket.setKeepAlive(true, options.keepAliveInitialDelay);
}

/** What is known of the other side of a socket. */
export function peerOf(socket: Socket, where: string): PeerInfo {
  const { remoteAddress, remotePort } = socket;
  const host = remoteAddress?.includes(':') ? `[${remoteAddress}]` : remoteAddress;
  const address = host === undefined ? where : `${host}:${remotePort}`;
  if (!isSecure(socket)) return { address };
  // Node gives an empty object where there is none, and null once the socket was destroyed.
  const certificate: object | null = socket.getPeerCertificate();
  return {
    address,
    certificate: certificate === null || Object.keys(certificate).length === 0 ? undefined : certificate,
    alpnProtocol: socket.alpnProtocol || undefined,
    servername: serverName(socket),
  };
}

/** By its mark: `node:tls` is loaded where it is needed. */
function isSecure(socket: Socket): socket is TLSSocket {
  return 'encrypted' in socket && socket.encrypted === true;
}

function serverName(socket: TLSSocket): string | undefined {
  const { servername } = socket as { servername?: string | false };
  return servername || undefined;
}
