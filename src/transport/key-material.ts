import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { isBytes } from '../bytes.js';
import { ConnectError, ErrorCode } from '../errors.js';
import { messageOf } from './failures.js';
import type { KeyMaterial } from './transport.js';

/** One block of a PEM text. */
const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \1-----/gs;

/** DER starts with the tag of an ASN.1 SEQUENCE; no PEM text starts with a zero. */
const DER_SEQUENCE = 0x30;

/** Certificates, and the private keys found beside them. */
export interface CertificateBundle {
  readonly certificates: readonly string[];
  readonly keys: readonly string[];
}

/**
 * Reads certificates; returns each as PEM that OpenSSL accepts.
 * @param option - the name of the option, for errors.
 * @param fileOption - the option that takes a file instead, for the hint in an error.
 */
export function readCertificates(material: KeyMaterial, option: string, fileOption?: string): CertificateBundle {
  const certificates: string[] = [];
  const keys: string[] = [];
  if (material.length === 0) throw noCertificate(option, fileOption);
  for (const one of each(material)) {
    const der = derOf(one);
    const blocks = der === undefined ? blocksOf(textOf(one)) : [];
    const found = blocks.filter(({ label }) => label.endsWith('CERTIFICATE'));
    if (der !== undefined) certificates.push(pem('CERTIFICATE', certificateOf(der, option, fileOption)));
    else if (found.length === 0) throw noCertificate(option, fileOption);
    else certificates.push(found.map(({ text }) => text).join(''));
    keys.push(...blocks.filter(({ label }) => label.endsWith('PRIVATE KEY')).map(({ text }) => text));
  }
  return { certificates, keys };
}

/** Reads private keys; returns each as PEM. */
export function readKeys(
  material: KeyMaterial,
  passphrase: string | undefined,
  option: string,
  fileOption?: string,
): string[] {
  return each(material).map((one) => {
    const der = derOf(one);
    if (der !== undefined) {
      return privateKey(der, passphrase, option, fileOption).export({ type: 'pkcs8', format: 'pem' }).toString();
    }
    const keys = blocksOf(textOf(one)).filter(({ label }) => label.endsWith('PRIVATE KEY'));
    if (keys.length > 0) return keys.map(({ text }) => text).join('');
    throw unusable(option, `it holds no private key; ${hint('give one as PEM or DER', fileOption)}`);
  });
}

/** The error for an option that cannot be used. */
export function unusable(option: string, why: string, cause?: unknown): ConnectError {
  return new ConnectError(`the option ${option} cannot be used: ${why}`, { code: ErrorCode.INVALID_OPTION, cause });
}

function each(material: KeyMaterial): readonly (string | Uint8Array)[] {
  return typeof material === 'string' || isBytes(material) ? [material] : material;
}

/** Restores the lines that OpenSSL needs, which environment variables and forms may have changed. */
function blocksOf(text: string): { readonly label: string; readonly text: string }[] {
  const lines = text.replaceAll('\\r', '').replaceAll('\\n', '\n');
  return [...lines.matchAll(BLOCK)].map(([whole, label = '', body = '']) =>
    // An encrypted key of the old form has headers, which must keep their lines.
    body.includes(':') ? { label, text: `${whole}\n` } : { label, text: pem(label, Buffer.from(body, 'base64')) },
  );
}

function pem(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

function certificateOf(der: Buffer, option: string, fileOption: string | undefined): Buffer {
  try {
    return new X509Certificate(der).raw;
  } catch {
    throw noCertificate(option, fileOption);
  }
}

/** DER does not say which of the three forms of a private key it holds. */
function privateKey(der: Buffer, passphrase: string | undefined, option: string, fileOption?: string): KeyObject {
  let failure: unknown;
  for (const type of ['pkcs8', 'pkcs1', 'sec1'] as const) {
    try {
      return createPrivateKey({ key: der, format: 'der', type, ...(passphrase === undefined ? {} : { passphrase }) });
    } catch (cause) {
      failure ??= cause;
    }
  }
  const form = 'give a private key as PEM, or as DER of the form PKCS#8, PKCS#1 or SEC1';
  throw unusable(option, `${messageOf(failure)}; ${hint(form, fileOption)}`, failure);
}

function noCertificate(option: string, fileOption: string | undefined): ConnectError {
  return unusable(option, `it holds no certificate; ${hint('give one as PEM or DER', fileOption)}`);
}

function hint(what: string, fileOption: string | undefined): string {
  return fileOption === undefined
    ? `${what}, such as readFileSync(path)`
    : `${what}, or name its file as ${fileOption}`;
}

function derOf(material: string | Uint8Array): Buffer | undefined {
  if (typeof material === 'string') {
    return material.includes('-----BEGIN') ? undefined : Buffer.from(material, 'base64');
  }
  if (material[0] !== DER_SEQUENCE) return undefined;
  return Buffer.from(material.buffer, material.byteOffset, material.byteLength);
}

function textOf(material: string | Uint8Array): string {
  return typeof material === 'string' ? material : Buffer.from(material).toString('utf8');
}
