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
  private readonly loaded = new Map<string, Certificate>();

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
    return inFolder((file) => {
      const files = ['-keyout', file('key'), '-out', file('crt')];
      openssl('req', '-x509', ...EC, '-nodes', '-days', '2', '-subj', `/CN=${name}`, ...files);
      return load(file, 'ec');
    });
  }

  private signed(name: string, alternativeNames: string, key = EC): Certificate {
    const { ca } = this;
    return inFolder((file) => {
      writeFileSync(file('ca.crt'), ca.cert);
      writeFileSync(file('ca.key'), ca.key);
      writeFileSync(file('ext'), `subjectAltName=${alternativeNames}\n`);
      openssl('req', ...key, '-nodes', '-subj', `/CN=${name}`, '-keyout', file('key'), '-out', file('csr'));
      const signer = ['-CA', file('ca.crt'), '-CAkey', file('ca.key'), '-CAcreateserial', '-days', '2'];
      openssl('x509', '-req', ...signer, '-in', file('csr'), '-extfile', file('ext'), '-out', file('crt'));
      return load(file, key === RSA ? 'rsa' : 'ec');
    });
  }
}

/** Makes something from files in a folder that is there meanwhile. */
function inFolder<T>(make: (file: (name: string) => string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'rxmqtt-certificates-'));
  try {
    return make((name) => join(folder, name));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function load(file: (name: string) => string, algorithm: 'ec' | 'rsa'): Certificate {
  const traditional = algorithm === 'rsa' ? ['-traditional'] : [];
  openssl('x509', '-in', file('crt'), '-outform', 'DER', '-out', file('crt.der'));
  openssl('pkcs8', '-topk8', '-nocrypt', '-in', file('key'), '-outform', 'DER', '-out', file('p8'));
  openssl(algorithm, '-in', file('key'), ...traditional, '-outform', 'DER', '-out', file('trad'));
  return {
    cert: readFileSync(file('crt'), 'utf8'),
    key: readFileSync(file('key'), 'utf8'),
    certDer: readFileSync(file('crt.der')),
    keyDer: readFileSync(file('p8')),
    keyTraditionalDer: readFileSync(file('trad')),
  };
}

function openssl(...args: string[]): void {
  execFileSync('openssl', args, { stdio: 'ignore' });
}
