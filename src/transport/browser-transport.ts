import { defer, throwError } from 'rxjs';
import type { Transport } from './transport.js';
import { schemeOf, unsupportedScheme } from './url.js';
import { websocket } from './web-socket-browser.js';

const SUPPORTED: readonly string[] = ['ws', 'wss'];

/** `ws:`, `wss:` and URLs relative to the page; any other is a `ConnectError` with code `INVALID_OPTION`. */
export const browserTransport: Transport = (target) =>
  defer(() => {
    const scheme = schemeOf(target.url);
    if (scheme === '' || SUPPORTED.includes(scheme)) return websocket(target);
    const hint = ' in browsers, which can only open WebSockets';
    return throwError(() => unsupportedScheme(target.url, SUPPORTED, hint));
  });
