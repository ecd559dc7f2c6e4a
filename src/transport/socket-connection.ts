import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { inUrl } from './broker-url.js';
import { bytesInWrite } from './bytes-in-write.js';
import { ConnectionBase } from './connection-base.js';
import { lineFailure } from './failures.js';
import type { PeerInfo, SocketOptions } from './transport.js';
import type { Writes } from './writes.js';

/** Bytes buffered before a socket counts as congested: one such write still fits the CPU caches. */
export const DEFAULT_HIGH_WATER_MARK = 512 * 1024;

/** Half of what a socket may buffer: large payloads take few writes, and the next is ready when one is done. */
const FLUSH_AT = DEFAULT_HIGH_WATER_MARK / 2;

/** A connection over an open TCP, TLS or Unix socket, dialled or accepted. */
export class SocketConnection extends ConnectionBase {
  readonly peer: PeerInfo;
  private readonly highWaterMark: number;
  private readonly onData = (chunk: Uint8Array): void => this.received(chunk);
  private readonly onDrain = (): void => this.drained();
  private readonly onEnd = (): void => {
    // After end(), wait for the socket to close: that also tells that our bytes were sent.
    if (!this.ended) this.finish();
    this.closeAfterUnsent();
  };
  private readonly onError = (cause: Error): void => {
    // A peer that drops the connection after our DISCONNECT has received it.
    if (this.ended && this.socket.writableFinished) this.finish();
    else this.finish(lineFailure(this.where, cause));
  };
  private readonly onClose = (): void => {
    this.released();
    this.finish();
    this.removeListeners();
  };

  constructor(
    private readonly socket: Socket,
    private readonly where: string,
    options: SocketOptions = {},
    writes?: Writes,
    known?: PeerInfo,
  ) {
    super(writes);
    this.flushAt = FLUSH_AT;
    this.peer = known === undefined ? peerOf(socket, where) : { ...peerOf(socket, where), ...known };
    // Node emits `drain` only after a socket was filled to Node's own mark.
    this.closeTimeout = options.closeTimeout ?? this.closeTimeout;
    this.highWaterMark = Math.max(options.highWaterMark ?? DEFAULT_HIGH_WATER_MARK, socket.writableHighWaterMark);
    this.overTcp = socket.remotePort !== undefined;
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

  unsent(): number {
    return this.socket.writableLength;
  }

  override inWrite(): number {
    return bytesInWrite(this.socket);
  }

  delay(isOn: boolean): void {
    this.socket.setNoDelay(!isOn);
  }

  protected closeSocket(): void {
    this.socket.end();
  }

  protected destroySocket(): void {
    this.removeListeners();
    this.socket.destroy();
  }

  protected pauseSocket(): void {
    this.socket.pause();
  }

  protected resumeSocket(): void {
    this.socket.resume();
  }

  private removeListeners(): void {
    const { socket } = this;
    socket.off('data', this.onData);
    socket.off('drain', this.onDrain);
    socket.off('end', this.onEnd);
    socket.off('error', this.onError);
    socket.off('close', this.onClose);
    ignoreErrors(socket);
  }
}

/** For an abandoned socket: later errors are irrelevant and must not end the process. */
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
  // Other streams have nothing to tune.
  if (!('setNoDelay' in socket)) return;
  socket.setNoDelay(options.noDelay ?? true);
  if (options.keepAliveInitialDelay !== undefined) socket.setKeepAlive(true, options.keepAliveInitialDelay);
}

/** Describes the peer of a socket. */
export function peerOf(socket: Socket, where: string): PeerInfo {
  const { remoteAddress, remotePort } = socket;
  const address = remoteAddress === undefined ? where : `${inUrl(remoteAddress)}:${remotePort}`;
  if (!isSecure(socket)) return { address };
  return {
    address,
    certificate: certificateOf(socket),
    alpnProtocol: socket.alpnProtocol || undefined,
    servername: serverName(socket),
  };
}

/**
 * Node returns an empty object without a certificate, and null after the socket was destroyed. The sockets of Bun's
 * https server lack the method.
 */
function certificateOf(socket: Partial<TLSSocket>): object | undefined {
  const certificate: object | null = socket.getPeerCertificate?.() ?? null;
  return certificate === null || Object.keys(certificate).length === 0 ? undefined : certificate;
}

/** Checks a property instead of the class, so that `node:tls` is loaded only where it is needed. */
function isSecure(socket: Socket): socket is TLSSocket {
  return 'encrypted' in socket && socket.encrypted === true;
}

function serverName(socket: TLSSocket): string | undefined {
  const { servername } = socket as { servername?: string | false };
  return servername || undefined;
}
