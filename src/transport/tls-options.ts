import { isIP } from 'node:net';
import { createSecureContext } from 'node:tls';
import type { ConnectionOptions, SecureContext, SecureContextOptions } from 'node:tls';
import { ConnectError } from '../errors.js';
import { withoutRoot } from './broker-url.js';
import { messageOf } from './failures.js';
import { readCertificates, readKeys, unusable } from './key-material.js';
import type { TlsOptions } from './transport.js';

/** The options of `tls.connect` for a dial to `host`. */
export function tlsConnectOptions(options: TlsOptions = {}, host: string): ConnectionOptions {
  // Without the dot of the root [RFC 6066, section 3].
  const servername = options.servername ?? (isIP(host) === 0 ? withoutRoot(host) : undefined);
  const { checkServerIdentity } = options;
  return {
    secureContext: (options.secureContext as SecureContext | undefined) ?? contextOf(options),
    rejectUnauthorized: options.rejectUnauthorized ?? true,
    ...(servername === undefined ? {} : { servername }),
    ...(options.ALPNProtocols === undefined ? {} : { ALPNProtocols: [...options.ALPNProtocols] }),
    ...(checkServerIdentity === undefined
      ? {}
      : { checkServerIdentity: (name, certificate) => checkServerIdentity(name, certificate as never) }),
  };
}

function contextOf(options: TlsOptions): SecureContext {
  try {
    return createSecureContext(secureContextOptions(options));
  } catch (cause) {
    if (cause instanceof ConnectError) throw cause;
    throw unusable('tls', `${messageOf(cause)}; check tls.cert, tls.key, tls.ca and tls.passphrase`, cause);
  }
}

/**
 * Keys, certificates and protocol versions for `node:tls`, all of it as PEM.
 * @param takesFiles - whether the options may name files, for the hint in an error.
 */
export function secureContextOptions(options: TlsOptions, takesFiles = true): SecureContextOptions {
  const { ca, cert, key, pfx, passphrase, ciphers, minVersion, maxVersion } = options;
  const file = (name: string): string | undefined => (takesFiles ? name : undefined);
  const chain = cert === undefined ? undefined : readCertificates(cert, 'tls.cert', file('tls.certFile'));
  const keys = key === undefined ? chain?.keys : readKeys(key, passphrase, 'tls.key', file('tls.keyFile'));
  // Node would silently connect without a certificate.
  if (chain !== undefined && (keys?.length ?? 0) === 0) throw unusable('tls.cert', 'it has no tls.key; give both');
  return {
    ...(ca === undefined ? {} : { ca: [...readCertificates(ca, 'tls.ca', file('tls.caFile')).certificates] }),
    ...(chain === undefined ? {} : { cert: [...chain.certificates] }),
    ...(keys === undefined || keys.length === 0 ? {} : { key: [...keys] }),
    ...(pfx === undefined ? {} : { pfx: typeof pfx === 'string' ? Buffer.from(pfx, 'base64') : Buffer.from(pfx) }),
    ...(passphrase === undefined ? {} : { passphrase }),
    ...(ciphers === undefined ? {} : { ciphers }),
    ...(minVersion === undefined ? {} : { minVersion }),
    ...(maxVersion === undefined ? {} : { maxVersion }),
  };
}
