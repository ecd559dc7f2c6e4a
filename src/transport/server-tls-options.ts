import type { TlsOptions } from './transport.js';

/** TLS options of a listener, which presents `cert` and `key` (or `pfx`). @inline */
export interface ServerTlsOptions extends Omit<
  TlsOptions,
  'caFile' | 'caPath' | 'certFile' | 'keyFile' | 'secureContext'
> {
  /**
   * Ask clients for a certificate. A client whose certificate `ca` does not vouch for is refused, unless
   * `rejectUnauthorized` is false.
   */
  readonly requestCert?: boolean;
}
