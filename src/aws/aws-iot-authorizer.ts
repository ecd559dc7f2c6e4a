import type { ClientOptions } from '../client/client-options.js';
import { checkOptions, type Checks, oneOf, string, unchecked } from '../options/check-options.js';
import { AWS_IOT_LIMITS } from './aws-iot-limits.js';
import { checkEndpoint, withPort } from './endpoint.js';
import { type AwsSdkName, userName } from './user-name.js';

/** Options of {@link awsIotAuthorizer}. */
export interface AwsIotAuthorizerOptions {
  /** The endpoint of the account: `example-ats.iot.eu-central-1.amazonaws.com`. */
  readonly endpoint: string;
  /** The name of the authorizer. Default: the default authorizer of the account. */
  readonly authorizer?: string;
  /** The name and the value of the token that the authorizer asks for. */
  readonly token?: readonly [name: string, value: string];
  /** The signature of the token, in base64, not URL-encoded. */
  readonly signature?: string;
  /** The user name for the authorizer. */
  readonly username?: string;
  /** The password for the authorizer. */
  readonly password?: string | Uint8Array;
  /** Over a WebSocket, which browsers have, or over TLS with ALPN. Both on port 443. Default `'wss'`. */
  readonly scheme?: 'wss' | 'mqtts';
  /** The name of the program for the statistics of AWS; sent in the user name. Default: none. */
  readonly metrics?: AwsSdkName;
}

// Values that become options of connect() are checked there.
const KNOWN: Checks<AwsIotAuthorizerOptions> = {
  endpoint: unchecked,
  authorizer: string,
  token: unchecked,
  signature: string,
  username: string,
  password: unchecked,
  scheme: oneOf('wss', 'mqtts'),
  metrics: unchecked,
};

/**
 * Options for AWS IoT Core with a custom authorizer, whose parameters go into the user name. They hold
 * `AWS_IOT_LIMITS`.
 *
 * @throws TypeError for an option that is unknown or cannot be used, and for an endpoint that is not a host.
 */
export function awsIotAuthorizer(given: AwsIotAuthorizerOptions): ClientOptions {
  const options = checkOptions<AwsIotAuthorizerOptions>(given, KNOWN, 'awsIotAuthorizer');
  const { endpoint, authorizer, token, signature, password, scheme = 'wss', metrics } = options;
  const host = withPort(checkEndpoint(endpoint), 443);
  const parameters = {
    'x-amz-customauthorizer-name': authorizer,
    ...(token === undefined ? {} : { [token[0]]: token[1] }),
    'x-amz-customauthorizer-signature': signature,
  };
  const username = userName(options.username, parameters, metrics);
  return {
    ...AWS_IOT_LIMITS,
    ...(scheme === 'wss'
      ? { url: `wss://${host}/mqtt` }
      : { url: `mqtts://${host}`, tls: { ALPNProtocols: ['mqtt'] } }),
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
  };
}
