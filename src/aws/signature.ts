/** When and for what a signature is valid. */
export interface Scope {
  /** `20150830T123600Z`. */
  readonly time: string;
  readonly region: string;
  readonly service: string;
}

/** `20150830/us-east-1/iam/aws4_request`. */
export function scopeText({ time, region, service }: Scope): string {
  return `${time.slice(0, 8)}/${region}/${service}/aws4_request`;
}

/** The signature of a canonical request by Signature Version 4, in hex. */
export async function signature(canonicalRequest: string, scope: Scope, secretAccessKey: string): Promise<string> {
  const digest = await globalThis.crypto.subtle.digest('SHA-256', utf8(canonicalRequest));
  const toSign = ['AWS4-HMAC-SHA256', scope.time, scopeText(scope), hex(digest)].join('\n');
  return hex(await hmac(await signingKey(scope, secretAccessKey), toSign));
}

/** The key of a day, a region and a service, derived from the secret. */
export async function signingKey({ time, region, service }: Scope, secretAccessKey: string): Promise<ArrayBuffer> {
  const day = await hmac(utf8(`AWS4${secretAccessKey}`), time.slice(0, 8));
  return hmac(await hmac(await hmac(day, region), service), 'aws4_request');
}

export function hex(bytes: ArrayBuffer): string {
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

async function hmac(key: BufferSource, text: string): Promise<ArrayBuffer> {
  const { subtle } = globalThis.crypto;
  const imported = await subtle.importKey('raw', key, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  return subtle.sign('HMAC', imported, utf8(text));
}

/** Where there is Web Crypto, there is TextEncoder. */
function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}
