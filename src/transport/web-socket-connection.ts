import type { Socket } from 'node:net';
import type { RawData, WebSocket } from 'ws';
import { type ConnectError } from '../errors.js';
import { concatChunks } from '../bytes.js';
import { bytesInWrite } from './bytes-in-write.js';
import { ConnectionBase } from './connection-base.js';
import { lineFailure } from './failures.js';
import { DEFAULT_HIGH_WATER_MARK, ignoreErrors, peerOf, tuneSocket } from './socket-connection.js';
import type { PeerInfo, SocketOptions, UpgradeRequest } from './transport.js';
import type { Writes } from './writes.js';
import { closedInOrder, closeFailure, textFrameFailure, WebSocketClose } from './web-socket-close.js';

/**
 * The default limit for an incoming message: the largest MQTT packet, 256 MiB plus its fixed header. Without a limit,
 * `ws` collects any size that a frame's header announces.
 */
export const DEFAULT_MAX_PAYLOAD = 268_435_460;

/** A connection over an open `ws` WebSocket, dialled or accepted. */
export class WebSocketConnection extends ConnectionBase {
  readonly peer: PeerInfo;
  upgrade: UpgradeRequest | undefined = undefined;
  private readonly highWaterMark: number;
  private cause: Error | undefined = undefined;
  /** Bytes received since the last whole message. */
  private held = 0;
  private readonly onMessage = (data: RawData, isBinary: boolean): void => {
    this.held = 0;
    if (isBinary) {
      this.received(data as Buffer);
      return;
    }
    this.finish(textFrameFailure(this.where));
    this.closeAfterUnsent();
    this.webSocket.close(WebSocketClose.UNSUPPORTED_DATA);
  };
  /** A partial message, a ping or a pong is a sign of life, too. */
  private readonly onBytes = (chunk: Uint8Array): void => {
    this.heard();
    this.held += chunk.length;
    if (this.held <= this.mostHeld) return;
    // Behind the end, only the close frame is waited for.
    if (this.ended) this.destroy();
    else this.pause();
  };
  private readonly onDrain = (): void => this.drained();
  private readonly onSocketError = (cause: Error): void => {
    this.cause = cause;
  };
  private readonly onError = (cause: Error): void => {
    this.finish(lineFailure(this.where, cause));
  };
  private readonly onClose = (code: number, reason: Buffer): void => {
    this.released();
    this.finish(this.failureOf(code, reason.toString()));
    this.removeListeners();
  };

  constructor(
    private readonly webSocket: WebSocket,
    private readonly socket: Socket,
    private readonly where: string,
    options: SocketOptions = {},
    writes?: Writes,
  ) {
    super(writes);
    this.peer = { ...peerOf(socket, where), subprotocol: webSocket.protocol };
    this.closeTimeout = options.closeTimeout ?? this.closeTimeout;
    this.highWaterMark = Math.max(options.highWaterMark ?? DEFAULT_HIGH_WATER_MARK, socket.writableHighWaterMark);
    this.overTcp = socket.remotePort !== undefined;
    tuneSocket(socket, options);
    webSocket.pause();
    webSocket.on('message', this.onMessage);
    webSocket.on('error', this.onError);
    webSocket.on('close', this.onClose);
    socket.on('data', this.onBytes);
    socket.on('drain', this.onDrain);
    socket.on('error', this.onSocketError);
  }

  /**
   * One message per flush: some servers expect whole packets in a message, and each message costs a header and a mask.
   */
  protected send(chunks: Uint8Array[]): void {
    this.webSocket.send(concatChunks(chunks), { binary: true });
    if (this.webSocket.bufferedAmount > this.highWaterMark) this.congested = true;
  }

  unsent(): number {
    return this.webSocket.bufferedAmount;
  }

  override inWrite(): number {
    return bytesInWrite(this.socket);
  }

  delay(isOn: boolean): void {
    this.socket.setNoDelay(!isOn);
  }

  protected closeSocket(): void {
    this.webSocket.close(WebSocketClose.NORMAL);
  }

  protected destroySocket(): void {
    this.removeListeners();
    this.webSocket.terminate();
  }

  protected pauseSocket(): void {
    this.webSocket.pause();
  }

  protected resumeSocket(): void {
    this.webSocket.resume();
  }

  private failureOf(code: number, reason: string): ConnectError | undefined {
    if (closedInOrder(code) || (this.ended && this.cause === undefined)) return undefined;
    return this.cause === undefined ? closeFailure(this.where, code, reason) : lineFailure(this.where, this.cause);
  }

  private removeListeners(): void {
    const { webSocket, socket } = this;
    webSocket.off('message', this.onMessage);
    webSocket.off('error', this.onError);
    webSocket.off('close', this.onClose);
    socket.off('data', this.onBytes);
    socket.off('drain', this.onDrain);
    socket.off('error', this.onSocketError);
    ignoreErrors(webSocket);
    ignoreErrors(socket);
  }
}
