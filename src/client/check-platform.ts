import { ConnectError, ErrorCode } from '../errors.js';
import { missingForText } from '../utf8.js';

/** Names that React Native lacks or implements in part, with the import that provides each. */
const REMEDIES: Readonly<Record<string, string>> = {
  TextDecoder: "import 'fast-text-encoding'",
  TextEncoder: "import 'fast-text-encoding'",
  URL: "import 'react-native-url-polyfill/auto'",
  'crypto.getRandomValues': "import 'react-native-get-random-values', or give a clientId",
};

/**
 * Checks that the platform has what every client needs, so that one error names everything that is missing.
 * @param clientId - undefined: a random one is made. Two clients with one identifier disconnect each other, so
 * `Math.random` is not enough.
 * @throws ConnectError with code `UNSUPPORTED_PLATFORM`.
 */
export function checkPlatform(clientId: string | undefined): void {
  const missing = [...missingForText()];
  if (!readsBrokerUrls()) missing.push('URL');
  if (clientId === undefined && !hasRandomValues()) missing.push('crypto.getRandomValues');
  if (missing.length === 0) return;
  const each = missing.map((name) => `${name} (${REMEDIES[name]})`).join(', ');
  throw new ConnectError(`connect: this platform lacks ${each}; import it first`, {
    code: ErrorCode.UNSUPPORTED_PLATFORM,
  });
}

/** The URL class of React Native throws, or knows only http. */
function readsBrokerUrls(): boolean {
  try {
    return new URL('wss://a:1').host === 'a:1';
  } catch {
    return false;
  }
}

function hasRandomValues(): boolean {
  const { crypto } = globalThis as { readonly crypto?: Partial<Crypto> };
  return typeof crypto?.getRandomValues === 'function';
}
