import type { AwsCredentials } from './credentials.js';
import { scopeText, signature } from './signature.js';

const SERVICE = 'iotdevicegateway';
const PATH = '/mqtt';

/** SHA-256 of the body of an upgrade request, which is empty. */
const NO_BODY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/** The URL of a WebSocket to AWS IoT Core, signed at a time (ms since 1970). It can be dialled for five minutes. */
export async function signedUrl(
  host: string,
  region: string,
  { accessKeyId, secretAccessKey, sessionToken }: AwsCredentials,
  now: number,
): Promise<string> {
  const time = new Date(now).toISOString().replace(/[-:]|\.\d+/g, '');
  const scope = { time, region, service: SERVICE };
  const query = parameters([
    ['X-Amz-Algorithm', 'AWS4-HMAC-SHA256'],
    ['X-Amz-Credential', `${accessKeyId}/${scopeText(scope)}`],
    ['X-Amz-Date', time],
    ['X-Amz-SignedHeaders', 'host'],
  ]);
  // The port of wss is not in the header that is signed.
  const header = host.toLowerCase().replace(/:443$/, '');
  const request = ['GET', PATH, query, `host:${header}`, '', 'host', NO_BODY].join('\n');
  const signed = parameters([['X-Amz-Signature', await signature(request, scope, secretAccessKey)]]);
  // This service expects the token outside the signed part.
  const token = sessionToken === undefined ? '' : `&${parameters([['X-Amz-Security-Token', sessionToken]])}`;
  return `wss://${host}${PATH}?${query}&${signed}${token}`;
}

/** Percent-encodes, as AWS expects, the characters that `encodeURIComponent` leaves, too. */
function parameters(pairs: readonly (readonly [string, string])[]): string {
  return pairs.map(([name, value]) => `${name}=${encoded(value)}`).join('&');
}

function encoded(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);
}
