import type { Socket } from 'node:net';
import { Observable } from 'rxjs';
import { ConnectError } from '../errors.js';
import { dialFailure } from './failures.js';
import type { DialStage } from './failures.js';
import { ignoreErrors, SocketConnection } from './socket-connection.js';
import { StageDeadline } from './stage-deadline.js';
import type { Connection, ConnectTarget } from './transport.js';
import { type BrokerUrl, parseUrl } from './broker-url.js';

/** The socket event after which it can be used. */
export type OpenEvent = 'connect' | 'secureConnect';

/**
 * Creates a socket for each subscription and waits for `openEvent`. With `isTunnel`, the socket, or the one below TLS,
 * is open already.
 */
export function dialSocket(
  target: ConnectTarget,
  openEvent: OpenEvent,
  create: (url: BrokerUrl) => Socket,
  isTunnel = false,
): Observable<Connection> {
  return new Observable((subscriber) => {
    let where = '';
    let socket: Socket;
    try {
      const url = parseUrl(target.url);
      where = url.display;
      socket = create(url);
    } catch (cause) {
      subscriber.error(dialFailure(where, 'TCP', cause));
      return undefined;
    }

    let stage: DialStage = isTunnel ? 'TLS' : 'TCP';
    const deadline = new StageDeadline(target.timeouts, where, (error) => subscriber.error(error));
    deadline.enter(stage);
    let connection: SocketConnection | undefined;
    const onConnect = (): void => {
      if (openEvent === 'connect') return onOpen();
      stage = 'TLS';
      deadline.enter(stage);
    };
    const onOpen = (): void => {
      stopListening();
      connection = new SocketConnection(socket, where, target.socket);
      subscriber.next(connection);
    };
    const onError = (cause: Error): void => subscriber.error(dialFailure(where, stage, cause));
    const onClose = (): void => {
      const message = `connecting to ${where} failed: ${stage}: the peer closed the connection; check scheme and port`;
      subscriber.error(new ConnectError(message));
    };
    const stopListening = (): void => {
      deadline.stop();
      socket.off('connect', onConnect);
      socket.off('secureConnect', onOpen);
      socket.off('error', onError);
      socket.off('close', onClose);
    };

    const listen = (): void => {
      socket.on('connect', onConnect);
      if (openEvent === 'secureConnect') socket.on('secureConnect', onOpen);
      socket.on('error', onError);
      socket.on('close', onClose);
    };
    if (isTunnel && openEvent === 'connect') onOpen();
    else listen();
    return () => {
      if (connection !== undefined) {
        connection.destroy();
        return;
      }
      stopListening();
      ignoreErrors(socket);
      socket.destroy();
    };
  });
}
