import { defer, throwError } from 'rxjs';
import type { Transport } from './transport.js';
import { schemeOf, unsupportedScheme } from './url.js';
import { websocket } from './websocket-browser.js';

const SUPPORTED: readonly string[] = ['ws', 'wss'];

/** `ws:`, `wss:` and URLs relative to the page; a `ConnectError` with code `INVALID_OPTION` for any other. */
export const browserTransport: Transport = (target) =>
  defer(() => {
    const scheme = schemeOf(target.url);
    if (scheme === '' || SUPPORTED.includes(scheme)) return websocket(target);
    const hint = ' in browsers, which open WebSockets only';
    return throwError(() => unsupportedScheme(target.url, SUPPORTED, hint));
  });
