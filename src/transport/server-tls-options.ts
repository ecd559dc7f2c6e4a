import type { TlsOptions } from './transport.js';

/** TLS options of a listener; `cert` and `key` (or `pfx`) are what it shows. */
export interface ServerTlsOptions extends TlsOptions {
  /** Ask clients for a certificate; refused when `ca` does not vouch for it, unless `rejectUnauthorized` is false. */
  readonly requestCert?: boolean;
}
