import type { Agent, ClientRequest, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import { Observable } from 'rxjs';
import { WebSocket } from 'ws';
import type { ClientOptions } from 'ws';
import { ConnectError } from '../errors.js';
import { dialFailure } from './failures.js';
import type { DialStage } from './failures.js';
import { ignoreErrors } from './socket-connection.js';
import { routeOptions } from './tcp.js';
import { tlsConnectOptions } from './tls-options.js';
import type { Connection, ConnectTarget } from './transport.js';
import { type BrokerUrl, parseUrl } from './broker-url.js';
import { StageDeadline } from './stage-deadline.js';
import { subprotocolFailure } from './web-socket-close.js';
import { DEFAULT_MAX_PAYLOAD, WebSocketConnection } from './web-socket-connection.js';

/** The transport for `ws:` and `wss:` URLs in Node; default ports 80 and 443. */
export function websocket(target: ConnectTarget): Observable<Connection> {
  return new Observable((subscriber) => {
    const offered = offeredProtocols(target);
    let where = '';
    let stage: DialStage = 'TCP';
    let deadline: StageDeadline | undefined;
    const enter = (next: DialStage): void => {
      stage = next;
      deadline?.enter(next);
    };
    let webSocket: WebSocket;
    try {
      const url = parseUrl(target.url);
      where = url.display;
      const secure = url.scheme === 'wss';
      deadline = new StageDeadline(target.timeouts, where, (error) => subscriber.error(error));
      deadline.enter(stage);
      webSocket = new WebSocket(url.href, offered, {
        ...clientOptions(target, url),
        finishRequest: (request) => {
          request.once('socket', (dialling) => {
            dialling.once('connect', () => enter(secure ? 'TLS' : 'WebSocket upgrade'));
            dialling.once('secureConnect', () => enter('WebSocket upgrade'));
          });
          request.end();
        },
      });
    } catch (cause) {
      subscriber.error(dialFailure(where, stage, cause));
      return undefined;
    }

    let socket: Socket | undefined;
    let connection: WebSocketConnection | undefined;
    const onUpgrade = (response: IncomingMessage): void => {
      socket = response.socket;
    };
    const onOpen = (): void => {
      letGo();
      connection = new WebSocketConnection(webSocket, socket as Socket, where, target.socket);
      subscriber.next(connection);
    };
    const onResponse = (_request: ClientRequest, response: IncomingMessage): void => {
      subscriber.error(statusFailure(where, response));
    };
    const onError = (cause: Error): void => {
      // ws reports this failure by its text alone, and it needs an explanation.
      const unagreed = cause.message === 'Server sent no subprotocol' || cause.message.endsWith('invalid subprotocol');
      subscriber.error(unagreed ? subprotocolFailure(where, offered) : dialFailure(where, stage, cause));
    };
    const letGo = (): void => {
      deadline?.stop();
      webSocket.off('upgrade', onUpgrade);
      webSocket.off('open', onOpen);
      webSocket.off('unexpected-response', onResponse);
      webSocket.off('error', onError);
    };

    webSocket.on('upgrade', onUpgrade);
    webSocket.on('open', onOpen);
    webSocket.on('unexpected-response', onResponse);
    webSocket.on('error', onError);
    return () => {
      if (connection !== undefined) {
        connection.destroy();
        return;
      }
      letGo();
      ignoreErrors(webSocket);
      webSocket.terminate();
    };
  });
}

/** The sub-protocols that a dial offers. */
export function offeredProtocols({ ws, subprotocol }: ConnectTarget): string[] {
  if (ws?.protocols === undefined) return [subprotocol];
  return typeof ws.protocols === 'string' ? [ws.protocols] : [...ws.protocols];
}

function clientOptions(target: ConnectTarget, url: BrokerUrl): ClientOptions {
  const { headers, agent, maxPayload } = target.ws ?? {};
  // The types of ws omit that it passes all options of tls.connect on.
  const secure: SecureContextOptions = url.scheme === 'wss' ? tlsConnectOptions(target.tls, url.host) : {};
  return {
    ...routeOptions(target.socket),
    ...secure,
    // Compressing many small packets costs more than it saves, and takes memory per connection.
    perMessageDeflate: false,
    maxPayload: maxPayload ?? DEFAULT_MAX_PAYLOAD,
    ...(headers === undefined ? {} : { headers: { ...headers } }),
    ...(agent === undefined ? {} : { agent: agent as Agent }),
  };
}

function statusFailure(where: string, response: IncomingMessage): ConnectError {
  const status = `HTTP ${response.statusCode} ${response.statusMessage}`.trim();
  const unauthorised = response.statusCode === 401 || response.statusCode === 403;
  const hint = unauthorised ? 'check ws.headers and what the server asks for' : 'check the path and the port';
  return new ConnectError(`connecting to ${where} failed: WebSocket upgrade: ${status}; ${hint}`);
}
