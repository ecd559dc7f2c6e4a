import { catchError, map, type Observable, switchMap, throwError } from 'rxjs';
import type { ClientOptions, ConnectOverrides } from '../client/client-options.js';
import { ConnectError, ErrorCode } from '../errors.js';
import { timeOfDay } from '../rx/clock.js';
import { checkOptions, type Checks, string, unchecked } from '../options/check-options.js';
import { toObservable } from '../rx/to-observable.js';
import { AWS_IOT_LIMITS } from './aws-iot-limits.js';
import { type AwsCredentials, type AwsCredentialSource, load, problemOf } from './credentials.js';
import { checkEndpoint, regionOf, withPort } from './endpoint.js';
import { signedUrl } from './signed-url.js';
import { type AwsSdkName, userName } from './user-name.js';

/** Options of {@link awsIot}. */
export interface AwsIotOptions {
  /** The endpoint of the account: `example-ats.iot.eu-central-1.amazonaws.com`. */
  readonly endpoint: string;
  /** The AWS region. Default: the region that the endpoint names; a custom domain names none. */
  readonly region?: string;
  /**
   * The credentials to sign with. A function is called at each attempt, and returns a value, a promise or an
   * Observable: a credential provider of the AWS SDK fits as it is.
   */
  readonly credentials: AwsCredentialSource;
  /** The name of the program for the statistics of AWS; sent in the user name. Default: none. */
  readonly metrics?: AwsSdkName;
}

/** Options of `connect()` for AWS IoT Core over a WebSocket. @inline */
export type AwsIotConnection = ClientOptions & {
  readonly url: string;
  readonly beforeConnect: () => Observable<ConnectOverrides>;
};

const KNOWN: Checks<AwsIotOptions> = {
  endpoint: unchecked,
  region: string,
  credentials: unchecked,
  metrics: unchecked,
};

/**
 * Options for AWS IoT Core over a WebSocket whose URL is signed (Signature Version 4) at each attempt. They hold
 * `AWS_IOT_LIMITS`.
 *
 * Credentials that cannot be loaded fail the attempt, which is repeated as `reconnect` says. `beforeConnect` belongs to
 * the signature: to override more there, call the returned `beforeConnect` in your own.
 *
 * @throws TypeError for an unknown option, for an endpoint that is not a host or names no region, and for credentials
 * that lack a part.
 *
 * @example
 * ```ts
 * const client = connect({
 *   ...awsIot({ endpoint: 'example-ats.iot.eu-central-1.amazonaws.com', credentials: fromCognitoIdentity(...) }),
 *   clientId: 'hall-7',
 * });
 * ```
 */
export function awsIot(options: AwsIotOptions): AwsIotConnection {
  const { endpoint, region, credentials, metrics } = checkOptions<AwsIotOptions>(options, KNOWN, 'awsIot');
  const host = withPort(checkEndpoint(endpoint), 443);
  const where = region ?? regionOf(endpoint);
  const problem = typeof credentials === 'function' ? undefined : problemOf(credentials);
  if (problem !== undefined) throw new TypeError(`rxmqtt/aws: the credentials cannot be used: ${problem}`);
  const username = userName(undefined, {}, metrics);
  return {
    ...AWS_IOT_LIMITS,
    url: `wss://${host}/mqtt`,
    beforeConnect: () =>
      load(credentials).pipe(
        switchMap((loaded) => sign(host, where, loaded)),
        map((url) => ({ url })),
      ),
    ...(username === undefined ? {} : { username }),
  };
}

function sign(host: string, region: string, credentials: AwsCredentials): Observable<string> {
  return toObservable(() => signedUrl(host, region, credentials, timeOfDay())).pipe(
    catchError((cause: unknown) => {
      const why = 'signing the URL of AWS IoT failed: there is no Web Crypto; pages have it on https and localhost';
      return throwError(() => new ConnectError(why, { code: ErrorCode.NOT_SUPPORTED, cause }));
    }),
  );
}
