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

/** Throw-away certificates, made by the `openssl` command: each when it is first asked for, and once a process. */
export function makeCertificates(): Certificates {
  return (made ??= new OpenSslCertificates());
}

let made: Certificates | undefined;

const NAMES = 'DNS:localhost,DNS:broker.example,IP:127.0.0.1';

class OpenSslCertificates implements Certificates {
  private readonly folder = mkdtempSync(join(tmpdir(), 'rxmqtt-certificates-'));
  private readonly loaded = new Map<string, Certificate>();

  constructor() {
    process.once('exit', () => rmSync(this.folder, { recursive: true, force: true }));
  }

  get ca(): Certificate {
    return this.once('ca', (name) => this.authority(name));
  }

  get strangerCa(): Certificate {
    return this.once('stranger', (name) => this.authority(name));
  }

  get server(): Certificate {
    return this.once('server', (name) => this.signed(name, NAMES));
  }

  get serverRsa(): Certificate {
    return this.once('server-rsa', (name) => this.signed(name, NAMES, RSA));
  }

  get elsewhere(): Certificate {
    return this.once('elsewhere', (name) => this.signed(name, 'DNS:elsewhere.example'));
  }

  get client(): Certificate {
    return this.once('client', (name) => this.signed(name, 'DNS:client.example'));
  }

  private once(name: string, make: (name: string) => Certificate): Certificate {
    const known = this.loaded.get(name) ?? make(name);
    this.loaded.set(name, known);
    return known;
  }

  private authority(name: string): Certificate {
    const files = ['-keyout', this.file(`${name}.key`), '-out', this.file(`${name}.crt`)];
    openssl('req', '-x509', ...EC, '-nodes', '-days', '2', '-subj', `/CN=${name}`, ...files);
    return this.load(name, 'ec');
  }

  private signed(name: string, alternativeNames: string, key = EC): Certificate {
    if (!this.loaded.has('ca')) this.loaded.set('ca', this.authority('ca'));
    const files = ['-keyout', this.file(`${name}.key`), '-out', this.file(`${name}.csr`)];
    openssl('req', ...key, '-nodes', '-subj', `/CN=${name}`, ...files);
    writeFileSync(this.file(`${name}.ext`), `subjectAltName=${alternativeNames}\n`);
    const signer = ['-CA', this.file('ca.crt'), '-CAkey', this.file('ca.key'), '-CAcreateserial', '-days', '2'];
    const request = ['-in', this.file(`${name}.csr`), '-extfile', this.file(`${name}.ext`)];
    openssl('x509', '-req', ...signer, ...request, '-out', this.file(`${name}.crt`));
    return this.load(name, key === RSA ? 'rsa' : 'ec');
  }

  private load(name: string, algorithm: 'ec' | 'rsa'): Certificate {
    const [crt, key] = [this.file(`${name}.crt`), this.file(`${name}.key`)];
    const traditional = algorithm === 'rsa' ? ['-traditional'] : [];
    openssl('x509', '-in', crt, '-outform', 'DER', '-out', this.file(`${name}.crt.der`));
    openssl('pkcs8', '-topk8', '-nocrypt', '-in', key, '-outform', 'DER', '-out', this.file(`${name}.p8`));
    openssl(algorithm, '-in', key, ...traditional, '-outform', 'DER', '-out', this.file(`${name}.trad`));
    return {
      cert: readFileSync(crt, 'utf8'),
      key: readFileSync(key, 'utf8'),
      certDer: readFileSync(this.file(`${name}.crt.der`)),
      keyDer: readFileSync(this.file(`${name}.p8`)),
      keyTraditionalDer: readFileSync(this.file(`${name}.trad`)),
    };
  }

  private file(name: string): string {
    return join(this.folder, name);
  }
}

function openssl(...args: string[]): void {
  execFileSync('openssl', args, { stdio: 'ignore' });
}
