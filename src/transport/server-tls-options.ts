import type { TlsOptions } from './transport.js';

/** TLS options of a listener, which presents `cert` and `key` (or `pfx`). @inline */
export interface ServerTlsOptions extends Omit<
  TlsOptions,
  'caFile' | 'caPath' | 'certFile' | 'keyFile' | 'secureContext'
> {
  /** Ask clients for a certificate; refused when `ca` does not vouch for it, unless `rejectUnauthorized` is false. */
  readonly requestCert?: boolean;
}
