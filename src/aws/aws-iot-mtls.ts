import type { ClientOptions } from '../client/client-options.js';
import { checkOptions, type Checks, oneOf, unchecked } from '../options/check-options.js';
import type { TlsOptions } from '../transport/transport.js';
import { AWS_IOT_LIMITS } from './aws-iot-limits.js';
import { checkEndpoint, withPort } from './endpoint.js';
import { type AwsSdkName, userName } from './user-name.js';

/** Options of {@link awsIotMtls}. */
export interface AwsIotMtlsOptions {
  /** The endpoint of the account: `example-ats.iot.eu-central-1.amazonaws.com`. */
  readonly endpoint: string;
  /** The certificate and the key of the device. */
  readonly tls: TlsOptions;
  /** 8883, or 443 where nothing else passes the firewall. Default 8883. */
  readonly port?: 8883 | 443;
  /** A name of the program for the statistics of AWS, in the user name. Default: none. */
  readonly metrics?: AwsSdkName;
}

const KNOWN: Checks<AwsIotMtlsOptions> = {
  endpoint: unchecked,
  tls: unchecked,
  port: oneOf(8883, 443),
  metrics: unchecked,
};

/**
 * Options for AWS IoT Core over TLS with a certificate of the device (Node). They hold `AWS_IOT_LIMITS`.
 *
 * @throws TypeError for an option that is unknown or cannot be used, and for an endpoint that is no host.
 */
export function awsIotMtls(options: AwsIotMtlsOptions): ClientOptions {
  const { endpoint, tls, port = 8883, metrics } = checkOptions<AwsIotMtlsOptions>(options, KNOWN, 'awsIotMtls');
  const username = userName(undefined, {}, metrics);
  return {
    ...AWS_IOT_LIMITS,
    url: `mqtts://${withPort(checkEndpoint(endpoint), port)}`,
    // On the port of https, ALPN is what says that MQTT follows.
    tls: port === 443 ? { ...tls, ALPNProtocols: ['x-amzn-mqtt-ca'] } : tls,
    ...(username === undefined ? {} : { username }),
  };
}
