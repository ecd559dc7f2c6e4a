import { filter, Observable, timer } from 'rxjs';
import type { Subscription } from 'rxjs';
import { concatChunks, isArrayBuffer } from '../bytes.js';
import { ConnectError, ErrorCode } from '../errors.js';
import { quoted } from '../quoted.js';
import { ConnectionBase } from './connection-base.js';
import { messageOf } from './failures.js';
import { isBlocked, violations } from './policy-violations.js';
import { offeredProtocols } from './offered-protocols.js';
import type { Connection, ConnectTarget, PeerInfo } from './transport.js';
import { parseUrl } from './broker-url.js';
import { resolveAgainstPage } from './url.js';
import {
  closedInOrder,
  closeFailure,
  subprotocolFailure,
  textFrameFailure,
  WebSocketClose,
} from './web-socket-close.js';

const DEFAULT_HIGH_WATER_MARK = 1024 * 1024;

/** How often to check a congested socket, in ms: browsers do not report when their buffer has drained. */
const CONGESTION_CHECK = 20;

/** How soon `close` follows `error`, in ms. */
const CLOSE_FOLLOWS = 100;

/** The transport for `ws:` and `wss:` URLs in browsers, and for URLs relative to the page such as `/mqtt`. */
export function websocket(target: ConnectTarget): Observable<Connection> {
  return new Observable((subscriber) => {
    const offered = offeredProtocols(target);
    let where = '';
    let webSocket: WebSocket;
    try {
      const url = parseUrl(resolveAgainstPage(target.url, pageUrl()));
      where = url.display;
      if (typeof WebSocket === 'undefined') throw withoutWebSocket(where);
      webSocket = new WebSocket(url.href, offered);
    } catch (cause) {
      subscriber.error(cause instanceof ConnectError ? cause : refusedByBrowser(where, cause));
      return undefined;
    }

    let connection: BrowserConnection | undefined;
    webSocket.binaryType = 'arraybuffer';
    webSocket.onopen = () => {
      if (offered.length > 0 && webSocket.protocol === '') {
        subscriber.error(subprotocolFailure(where, offered));
        return;
      }
      dialling.unsubscribe();
      connection = new BrowserConnection(webSocket, where, target.socket?.highWaterMark);
      subscriber.next(connection);
    };
    webSocket.onclose = ({ code, reason }) => subscriber.error(unreachable(where, code, reason));
    // If a policy of the page forbids the address, Chromium reports the violation, fires `error`, and never `close`.
    const forbidden$ = violations(globalThis).pipe(filter((blocked) => isBlocked(blocked, webSocket.url)));
    const dialling = forbidden$.subscribe(({ effectiveDirective }) => {
      if (connection === undefined) subscriber.error(forbidden(where, effectiveDirective));
    });
    webSocket.onerror = () => {
      dialling.add(timer(CLOSE_FOLLOWS).subscribe(() => subscriber.error(refusedSilently(where))));
    };
    return () => {
      dialling.unsubscribe();
      if (connection !== undefined) {
        connection.destroy();
        return;
      }
      giveUp(webSocket);
    };
  });
}

/** A connection over the browser's WebSocket, once it is open. */
class BrowserConnection extends ConnectionBase {
  readonly peer: PeerInfo;
  private congestion: Subscription | undefined = undefined;

  constructor(
    private readonly webSocket: WebSocket,
    where: string,
    private readonly highWaterMark = DEFAULT_HIGH_WATER_MARK,
  ) {
    super();
    this.peer = { subprotocol: webSocket.protocol };
    webSocket.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (isArrayBuffer(data)) {
        this.received(new Uint8Array(data));
        return;
      }
      this.finish(textFrameFailure(where));
      this.closeAfterUnsent();
      // Pages may close only with 1000 or an application-defined code.
      webSocket.close(WebSocketClose.NORMAL);
    };
    webSocket.onclose = ({ code, reason }) => {
      this.released();
      this.finish(this.ended || closedInOrder(code) ? undefined : closeFailure(where, code, reason));
    };
  }

  protected send(chunks: Uint8Array[]): void {
    // A WriteBuffer's bytes are never in shared memory, which send()'s type excludes.
    this.webSocket.send(concatChunks(chunks) as Uint8Array<ArrayBuffer>);
    if (this.unsent() <= this.highWaterMark || this.congested) return;
    this.congested = true;
    this.congestion = timer(CONGESTION_CHECK, CONGESTION_CHECK).subscribe(() => {
      if (this.unsent() > this.highWaterMark) return;
      this.congestion?.unsubscribe();
      this.drained();
    });
  }

  /** React Native and workerd do not count; all bytes are assumed to be sent there. */
  unsent(): number {
    const { bufferedAmount = 0 }: Partial<WebSocket> = this.webSocket;
    return bufferedAmount;
  }

  protected closeSocket(): void {
    this.webSocket.close(WebSocketClose.NORMAL);
  }

  protected destroySocket(): void {
    giveUp(this.webSocket);
  }

  protected override released(): void {
    super.released();
    this.congestion?.unsubscribe();
  }

  protected pauseSocket(): void {
    // Browsers cannot stop reading, so the base class keeps the chunks that arrive meanwhile.
  }

  protected resumeSocket(): void {
    // Nothing was stopped.
  }
}

function giveUp(webSocket: WebSocket): void {
  webSocket.onopen = null;
  webSocket.onerror = null;
  webSocket.onmessage = null;
  webSocket.onclose = null;
  webSocket.close();
}

/** The page's address; undefined in workers of an opaque origin and outside browsers. */
function pageUrl(): string | undefined {
  const { location } = globalThis as { location?: { href: string } };
  return location?.href;
}

/** Browsers hide from pages why a WebSocket could not be opened. */
function unreachable(where: string, code: number, reason: string): ConnectError {
  const details = reason === '' ? String(code) : `${code}, ${quoted(reason)}`;
  return new ConnectError(
    `connecting to ${where} failed: the browser closed the WebSocket (${details}); the browser's console says more: ` +
      'check that the broker is reachable, the path, and that the certificate is trusted',
  );
}

/** The browser build runs outside a page: on Node 20, or in a test without the DOM's WebSocket. */
function withoutWebSocket(where: string): ConnectError {
  return new ConnectError(`connecting to ${where} failed: there is no WebSocket here; give the option transport`, {
    code: ErrorCode.UNSUPPORTED_PLATFORM,
  });
}

function refusedByBrowser(where: string, cause: unknown): ConnectError {
  return new ConnectError(`connecting to ${where} failed: ${messageOf(cause)}; check the URL and ws.protocols`, {
    code: ErrorCode.INVALID_OPTION,
    cause,
  });
}

/** A policy holds as long as the page does: no further attempt can succeed. */
function forbidden(where: string, directive: string): ConnectError {
  return new ConnectError(
    `connecting to ${where} failed: the page's Content-Security-Policy forbids it; allow the address in ${directive}`,
    { code: ErrorCode.INVALID_OPTION },
  );
}

function refusedSilently(where: string): ConnectError {
  return new ConnectError(
    `connecting to ${where} failed: the browser gave up on the WebSocket; its console says more: check the page's ` +
      'Content-Security-Policy (connect-src), and extensions that block requests',
  );
}
