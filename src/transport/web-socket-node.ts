import type { Agent, ClientRequest, IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { connect as connectTls, type SecureContextOptions } from 'node:tls';
import { Observable } from 'rxjs';
import { WebSocket } from 'ws';
import type { ClientOptions } from 'ws';
import { ConnectError } from '../errors.js';
import { printable } from '../quoted.js';
import { dialFailure } from './failures.js';
import type { DialStage } from './failures.js';
import { ignoreErrors } from './socket-connection.js';
import { agentAndProxy } from './proxy-failure.js';
import { throughProxy } from './proxy.js';
import { routeOptions } from './route-options.js';
import { withTlsFiles } from './tls-files.js';
import { tlsConnectOptions } from './tls-options.js';
import { offeredProtocols } from './offered-protocols.js';
import type { Connection, ConnectTarget } from './transport.js';
import { type BrokerUrl, parseUrl } from './broker-url.js';
import { StageDeadline } from './stage-deadline.js';
import { schemeOf } from './url.js';
import { subprotocolFailure } from './web-socket-close.js';
import { DEFAULT_MAX_PAYLOAD, WebSocketConnection } from './web-socket-connection.js';

/**
 * The transport of `ws:` and `wss:` URLs in Node, ports 80 and 443 unless the URL says another, and of
 * `ws+unix:/path/to.sock:/mqtt`.
 */
export function websocket(target: ConnectTarget): Observable<Connection> {
  // A Unix socket needs no proxy.
  if (schemeOf(target.url) === 'ws+unix') return dialWebSocket(target, undefined);
  return withTlsFiles(target, (complete) => throughProxy(complete, (tunnel) => dialWebSocket(complete, tunnel)));
}

function dialWebSocket(target: ConnectTarget, tunnel: Socket | undefined): Observable<Connection> {
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
      const open = secure ? 'TLS' : 'WebSocket upgrade';
      enter(tunnel === undefined ? stage : open);
      webSocket = new WebSocket(hrefOf(url), offered, {
        ...clientOptions(target, url, tunnel),
        finishRequest: (request) => {
          request.once('socket', (dialling) => {
            dialling.once('connect', () => enter(open));
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
      removeListeners();
      connection = new WebSocketConnection(webSocket, socket as Socket, where, target.socket);
      subscriber.next(connection);
    };
    const onResponse = (_request: ClientRequest, response: IncomingMessage): void => {
      subscriber.error(statusFailure(where, response));
    };
    const onError = (cause: Error): void => {
      // ws reports this failure only by its text, which needs an explanation.
      const unagreed = cause.message === 'Server sent no subprotocol' || cause.message.endsWith('invalid subprotocol');
      subscriber.error(unagreed ? subprotocolFailure(where, offered) : dialFailure(where, stage, cause));
    };
    const removeListeners = (): void => {
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
      removeListeners();
      ignoreErrors(webSocket);
      webSocket.terminate();
    };
  });
}

/** URL rejects the zone of an address; {@link socketOptions} uses it. */
function hrefOf({ href }: BrokerUrl): string {
  return href.replace(/%25[^\]/?]+(?=\])/, '');
}

/** Opens the socket where `ws` cannot. */
function socketOptions(
  { host, port, scheme }: BrokerUrl,
  target: ConnectTarget,
  tunnel: Socket | undefined,
): Pick<ClientOptions, 'createConnection'> {
  if (tunnel === undefined && !host.includes('%')) return {};
  const open = (): Socket => tunnel ?? connect({ host, port, ...routeOptions(target.socket) });
  if (scheme === 'ws') return { createConnection: open };
  return { createConnection: () => connectTls({ socket: open(), ...tlsConnectOptions(target.tls, host) }) };
}

function clientOptions(target: ConnectTarget, url: BrokerUrl, tunnel: Socket | undefined): ClientOptions {
  const { headers, agent, maxPayload } = target.ws ?? {};
  if (agent !== undefined && tunnel !== undefined) throw agentAndProxy(url.display);
  // The types of ws do not say that it passes on every option of tls.connect.
  const trust: SecureContextOptions = url.scheme === 'wss' ? tlsConnectOptions(target.tls, url.host) : {};
  return {
    ...routeOptions(target.socket),
    ...trust,
    // Compressing many small packets costs more than it saves, and keeps memory for each connection.
    perMessageDeflate: false,
    maxPayload: maxPayload ?? DEFAULT_MAX_PAYLOAD,
    ...(headers === undefined ? {} : { headers: { ...headers } }),
    ...(agent === undefined ? {} : { agent: agent as Agent }),
    ...socketOptions(url, target, tunnel),
  };
}

function statusFailure(where: string, response: IncomingMessage): ConnectError {
  const status = `HTTP ${response.statusCode} ${printable(response.statusMessage ?? '')}`.trim();
  const unauthorised = response.statusCode === 401 || response.statusCode === 403;
  const hint = unauthorised
    ? 'check ws.headers, and which credentials the server requires'
    : 'check the path and the port';
  return new ConnectError(`connecting to ${where} failed: WebSocket upgrade: ${status}; ${hint}`);
}
