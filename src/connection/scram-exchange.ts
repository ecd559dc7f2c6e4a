import { concatMap, from } from 'rxjs';
import { quoted } from '../quoted.js';
import { decodeUtf8, encodeUtf8 } from '../utf8.js';
import type { AuthMechanism } from './auth-mechanism.js';

/** Options of `scramSha256`. */
export interface ScramOptions {
  /** The name to log in with. */
  readonly username: string;
  /** The password; it is never sent. */
  readonly password: string;
  /** The fewest iterations to accept; fewer make the password easy to guess. Default 4096, as in RFC 7677. */
  readonly minIterations?: number;
  /** The most iterations to accept; more would keep the processor busy. Default 1 000 000. */
  readonly maxIterations?: number;
  /** Creates the client nonce: printable ASCII without commas. Default: 24 random characters. */
  readonly nonce?: () => string;
}

/** One SCRAM-SHA-256 exchange. Messages are named as in RFC 5802. */
export class ScramExchange implements AuthMechanism {
  readonly method = 'SCRAM-SHA-256';
  private clientNonce = '';
  private clientFirstBare = '';
  /** The signature the broker must prove itself with; undefined until we have answered the challenge. */
  private serverSignature: string | undefined;

  constructor(
    private readonly username: string,
    private readonly password: string,
    private readonly options: ScramOptions,
  ) {}

  start(): string {
    this.clientNonce = (this.options.nonce ?? randomNonce)();
    this.clientFirstBare = `n=${this.username},r=${this.clientNonce}`;
    return `n,,${this.clientFirstBare}`;
  }

  next: NonNullable<AuthMechanism['next']> = (challenge$) =>
    challenge$.pipe(concatMap((challenge) => from(this.answer(decodeUtf8(challenge)))));

  verify(data: Uint8Array | undefined): boolean {
    const serverFinal = data === undefined ? '' : decodeUtf8(data);
    if (serverFinal.startsWith('e=')) throw new Error(`the broker says ${quoted(serverFinal.slice(2, 66))}`);
    if (this.serverSignature === undefined) throw new Error('the broker accepted without a challenge');
    if (serverFinal !== `v=${this.serverSignature}`) throw new Error("the broker's signature is wrong");
    return true;
  }

  private async answer(serverFirst: string): Promise<string> {
    if (this.serverSignature !== undefined) throw new Error('the broker sent a second challenge');
    const { nonce, salt, iterations } = this.read(serverFirst);
    const clientFinalWithoutProof = `c=biws,r=${nonce}`;
    const authMessage = encodeUtf8(`${this.clientFirstBare},${serverFirst},${clientFinalWithoutProof}`);
    const saltedPassword = await pbkdf2(this.password, salt, iterations);
    const clientKey = await hmac(saltedPassword, encodeUtf8('Client Key'));
    const storedKey = await sha256(clientKey);
    const clientSignature = await hmac(storedKey, authMessage);
    const serverKey = await hmac(saltedPassword, encodeUtf8('Server Key'));
    this.serverSignature = toBase64(await hmac(serverKey, authMessage));
    const proof = clientKey.map((byte, index) => byte ^ (clientSignature[index] ?? 0));
    return `${clientFinalWithoutProof},p=${toBase64(proof)}`;
  }

  private read(serverFirst: string): { nonce: string; salt: Uint8Array; iterations: number } {
    const [, nonce, salt, count] =
      /^r=([\x21-\x2b\x2d-\x7e]+),s=([A-Za-z0-9+/=]+),i=(\d{1,10})(?:,|$)/.exec(serverFirst) ?? [];
    if (nonce === undefined || salt === undefined) throw new Error('the challenge is not a SCRAM message');
    if (!nonce.startsWith(this.clientNonce) || nonce.length === this.clientNonce.length) {
      throw new Error('the challenge does not continue our nonce');
    }
    const { minIterations = 4096, maxIterations = 1_000_000 } = this.options;
    const iterations = Number(count);
    if (iterations < minIterations || iterations > maxIterations) {
      throw new Error(`the broker asks for ${iterations} iterations; ${minIterations} to ${maxIterations} are allowed`);
    }
    return { nonce, salt: fromBase64(salt), iterations };
  }
}

const randomNonce = (): string => toBase64(globalThis.crypto.getRandomValues(new Uint8Array(18)));

function subtle(): SubtleCrypto {
  const { crypto } = globalThis as { crypto?: { subtle?: SubtleCrypto } };
  if (crypto?.subtle === undefined) throw new Error('Web Crypto is not available; serve the page over https');
  return crypto.subtle;
}

const SHA_256 = 'SHA-256';

async function hmac(key: Uint8Array, data: Uint8Array): Promise<Uint8Array> {
  const imported = await subtle().importKey('raw', own(key), { name: 'HMAC', hash: SHA_256 }, false, ['sign']);
  return new Uint8Array(await subtle().sign('HMAC', imported, own(data)));
}

async function sha256(data: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await subtle().digest(SHA_256, own(data)));
}

async function pbkdf2(password: string, salt: Uint8Array, iterations: number): Promise<Uint8Array> {
  const key = await subtle().importKey('raw', own(encodeUtf8(password)), 'PBKDF2', false, ['deriveBits']);
  const parameters = { name: 'PBKDF2', hash: SHA_256, salt: own(salt), iterations };
  return new Uint8Array(await subtle().deriveBits(parameters, key, 256));
}

/** Web Crypto takes no views of shared memory. */
const own = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(bytes);

const toBase64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));

const fromBase64 = (text: string): Uint8Array => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
