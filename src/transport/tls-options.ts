import { createPrivateKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { isIP } from 'node:net';
import { createSecureContext } from 'node:tls';
import type { ConnectionOptions, SecureContextOptions } from 'node:tls';
import { ConnectError, ErrorCode } from '../errors.js';
import { messageOf } from './failures.js';
import type { KeyMaterial, TlsOptions } from './transport.js';

const PEM = '-----BEGIN';

/** DER starts with the tag of an ASN.1 SEQUENCE; PEM text never starts with this byte. */
const DER_SEQUENCE = 0x30;

/** The options of `tls.connect` for a dial to `host`. */
export function tlsConnectOptions(options: TlsOptions = {}, host: string): ConnectionOptions {
  const servername = options.servername ?? (isIP(host) === 0 ? host : undefined);
  const { checkServerIdentity } = options;
  let secureContext;
  try {
    secureContext = createSecureContext(secureContextOptions(options));
  } catch (cause) {
    if (cause instanceof ConnectError) throw cause;
    throw unusable('tls', 'check tls.cert, tls.key, tls.ca and tls.passphrase', cause);
  }
  return {
    secureContext,
    rejectUnauthorized: options.rejectUnauthorized ?? true,
    ...(servername === undefined ? {} : { servername }),
    ...(options.ALPNProtocols === undefined ? {} : { ALPNProtocols: [...options.ALPNProtocols] }),
    ...(checkServerIdentity === undefined
      ? {}
      : { checkServerIdentity: (name, certificate) => checkServerIdentity(name, certificate as never) }),
  };
}

/** Keys, certificates and protocol versions for `node:tls`, all as PEM. */
export function secureContextOptions(options: TlsOptions): SecureContextOptions {
  const { ca, cert, key, pfx, passphrase, ciphers, minVersion, maxVersion } = options;
  return {
    ...(ca === undefined ? {} : { ca: each(ca, certificatePem) }),
    ...(cert === undefined ? {} : { cert: each(cert, certificatePem) }),
    ...(key === undefined ? {} : { key: each(key, (one) => keyPem(one, passphrase)) }),
    ...(pfx === undefined ? {} : { pfx: typeof pfx === 'string' ? Buffer.from(pfx, 'base64') : Buffer.from(pfx) }),
    ...(passphrase === undefined ? {} : { passphrase }),
    ...(ciphers === undefined ? {} : { ciphers }),
    ...(minVersion === undefined ? {} : { minVersion }),
    ...(maxVersion === undefined ? {} : { maxVersion }),
  };
}

function each(material: KeyMaterial, convert: (one: string | Uint8Array) => string): string[] {
  return typeof material === 'string' || material instanceof Uint8Array ? [convert(material)] : material.map(convert);
}

function certificatePem(material: string | Uint8Array): string {
  const der = derOf(material);
  if (der === undefined) return textOf(material);
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

function keyPem(material: string | Uint8Array, passphrase: string | undefined): string {
  const der = derOf(material);
  if (der === undefined) return textOf(material);
  return privateKey(der, passphrase).export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** DER does not tell which of the three private key formats it holds. */
function privateKey(der: Buffer, passphrase: string | undefined): KeyObject {
  let failure: unknown;
  for (const type of ['pkcs8', 'pkcs1', 'sec1'] as const) {
    try {
      return createPrivateKey({ key: der, format: 'der', type, ...(passphrase === undefined ? {} : { passphrase }) });
    } catch (cause) {
      failure ??= cause;
    }
  }
  throw unusable('tls.key', 'give a private key as PEM, or as DER of the form PKCS#8, PKCS#1 or SEC1', failure);
}

function derOf(material: string | Uint8Array): Buffer | undefined {
  if (typeof material === 'string') return material.includes(PEM) ? undefined : Buffer.from(material, 'base64');
  if (material[0] !== DER_SEQUENCE) return undefined;
  return Buffer.from(material.buffer, material.byteOffset, material.byteLength);
}

function textOf(material: string | Uint8Array): string {
  return typeof material === 'string' ? material : Buffer.from(material).toString('utf8');
}

function unusable(option: string, hint: string, cause: unknown): ConnectError {
  return new ConnectError(`the option ${option} cannot be used: ${messageOf(cause)}; ${hint}`, {
    code: ErrorCode.INVALID_OPTION,
    cause,
  });
}
