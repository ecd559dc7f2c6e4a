import {
  callback,
  type Check,
  type Checks,
  flag,
  numberIn,
  object,
  oneOf,
  record,
  text,
  unchecked,
} from '../options/check-options.js';
import { clientTls } from './check-tls.js';
import { messageOf } from './failures.js';
import { lookUp } from './look-up.js';
import { highWaterMark, type Platform, protocols } from './platform.js';
import { foreignProtocol } from './foreign-protocol.js';
import { NODE_SCHEMES } from './node-transport.js';
import { parseProxy } from './proxy-url.js';
import { parseSrvUrl } from './srv-url.js';
import type { SocketOptions, WebSocketOptions } from './transport.js';
import { isSrvUrl } from './url.js';
import { urlProblem } from './url-problem.js';

const WS: Checks<WebSocketOptions> = {
  headers: record(text),
  protocols,
  agent: unchecked,
  maxPayload: numberIn(1, Infinity, 'bytes'),
};

const SOCKET: Checks<SocketOptions> = {
  noDelay: flag,
  keepAliveInitialDelay: numberIn(0, Infinity, 'ms'),
  family: oneOf(4, 6),
  localAddress: text,
  highWaterMark,
  closeTimeout: numberIn(0, Infinity, 'ms'),
  resolveSrv: callback,
};

const proxy: Check = (value, name, where) => {
  const url = String(text(value, name, where));
  try {
    if (url !== 'env') parseProxy(url);
  } catch (error) {
    throw new TypeError(`${where}: ${messageOf(error)}`, { cause: error });
  }
  return value;
};

function srvUrlProblem(url: string): string | undefined {
  try {
    if (isSrvUrl(url)) parseSrvUrl(url);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

export const nodePlatform: Platform = {
  defaultUrl: 'mqtt://localhost',
  urlProblem: (url) => urlProblem(url, NODE_SCHEMES, false) ?? srvUrlProblem(url),
  lookUp,
  foreignProtocol,
  options: { tls: clientTls, ws: object(WS), socket: object(SOCKET), proxy },
};
