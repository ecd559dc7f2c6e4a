import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Certificate {
  readonly cert: string;
  readonly key: string;
  readonly certDer: Uint8Array;
  /** PKCS#8. */
  readonly keyDer: Uint8Array;
  /** What the key's own algorithm calls DER: SEC1 for elliptic curves, PKCS#1 for RSA. */
  readonly keyTraditionalDer: Uint8Array;
}

export interface Certificates {
  readonly ca: Certificate;
  /** An authority that signed none of the others. */
  readonly strangerCa: Certificate;
  /** For `localhost`, `127.0.0.1` and `broker.example`. */
  readonly server: Certificate;
  /** The same with an RSA key. */
  readonly serverRsa: Certificate;
  /** For `elsewhere.example` only. */
  readonly elsewhere: Certificate;
  readonly client: Certificate;
}

const EC = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
const RSA = ['-newkey', 'rsa:2048'];

/** Throw-away certificates, made by the `openssl` command. */
export function makeCertificates(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), 'rxmqtt-certificates-'));
  const file = (name: string): string => join(folder, name);
  const openssl = (...args: string[]): void => void execFileSync('openssl', args, { stdio: 'ignore' });

  const load = (name: string, algorithm: 'ec' | 'rsa'): Certificate => {
    openssl('x509', '-in', file(`${name}.crt`), '-outform', 'DER', '-out', file(`${name}.crt.der`));
    openssl('pkcs8', '-topk8', '-nocrypt', '-in', file(`${name}.key`), '-outform', 'DER', '-out', file(`${name}.p8`));
    const traditional = algorithm === 'rsa' ? ['-traditional'] : [];
    openssl(algorithm, '-in', file(`${name}.key`), ...traditional, '-outform', 'DER', '-out', file(`${name}.trad`));
    return {
      cert: readFileSync(file(`${name}.crt`), 'utf8'),
      key: readFileSync(file(`${name}.key`), 'utf8'),
      certDer: readFileSync(file(`${name}.crt.der`)),
      keyDer: readFileSync(file(`${name}.p8`)),
      keyTraditionalDer: readFileSync(file(`${name}.trad`)),
    };
  };
  const authority = (name: string): Certificate => {
    const files = ['-keyout', file(`${name}.key`), '-out', file(`${name}.crt`)];
    openssl('req', '-x509', ...EC, '-nodes', '-days', '2', '-subj', `/CN=${name}`, ...files);
    return load(name, 'ec');
  };
  const signed = (name: string, alternativeNames: string, key = EC): Certificate => {
    const files = ['-keyout', file(`${name}.key`), '-out', file(`${name}.csr`)];
    openssl('req', ...key, '-nodes', '-subj', `/CN=${name}`, ...files);
    writeFileSync(file(`${name}.ext`), `subjectAltName=${alternativeNames}\n`);
    const signer = ['-CA', file('ca.crt'), '-CAkey', file('ca.key'), '-CAcreateserial', '-days', '2'];
    const request = ['-in', file(`${name}.csr`), '-extfile', file(`${name}.ext`), '-out', file(`${name}.crt`)];
    openssl('x509', '-req', ...signer, ...request);
    return load(name, key === RSA ? 'rsa' : 'ec');
  };

  try {
    const names = 'DNS:localhost,DNS:broker.example,IP:127.0.0.1';
    return {
      ca: authority('ca'),
      strangerCa: authority('stranger'),
      server: signed('server', names),
      serverRsa: signed('server-rsa', names, RSA),
      elsewhere: signed('elsewhere', 'DNS:elsewhere.example'),
      client: signed('client', 'DNS:client.example'),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
