import {
  callback,
  flag,
  list,
  object,
  oneOf,
  or,
  that,
  text,
  type Check,
  type Checks,
} from '../options/check-options.js';
import type { ServerTlsOptions } from './server-tls-options.js';
import type { TlsOptions } from './transport.js';

const isBytes = (value: unknown): boolean => ArrayBuffer.isView(value);
const bytes = that((value) => typeof value === 'string' || isBytes(value), 'a text or bytes');
const material = or((value) => typeof value === 'string' || isBytes(value), list(bytes, 'texts or bytes'));
const version = oneOf('TLSv1.2', 'TLSv1.3');

const BOTH: Checks<Omit<ServerTlsOptions, 'requestCert'>> = {
  ca: material,
  cert: material,
  key: material,
  pfx: bytes,
  passphrase: text,
  servername: text,
  ALPNProtocols: list(text, 'texts'),
  ciphers: text,
  minVersion: version,
  maxVersion: version,
  rejectUnauthorized: flag,
  checkServerIdentity: callback,
};

const CLIENT: Checks<TlsOptions> = {
  ...BOTH,
  caFile: text,
  caPath: text,
  certFile: text,
  keyFile: text,
  secureContext: that((value) => typeof value === 'object', 'the result of tls.createSecureContext'),
};

const SERVER: Checks<ServerTlsOptions> = { ...BOTH, requestCert: flag };

/** TLS options of a client. Keys and certificates are read when it dials. */
export const clientTls: Check = object(CLIENT);

/** TLS options of a listener. */
export const serverTls: Check = object(SERVER);
