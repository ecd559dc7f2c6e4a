import { shown } from '../options/check-options.js';

/**
 * Checks the endpoint of an account: a host, which may have a port.
 * @throws TypeError for anything else.
 */
export function checkEndpoint(endpoint: string): string {
  const given: unknown = endpoint;
  if (typeof given === 'string' && /^(\[[\da-f:]+\]|[\w.-]+)(:\d+)?$/i.test(given)) return given;
  throw new TypeError(
    `rxmqtt/aws: the endpoint ${typeof given === 'string' ? `"${given.replace(/[?#].*/s, '')}"` : shown(given)} is not a host; give it as AWS shows it, ` +
      `like example-ats.iot.eu-central-1.amazonaws.com`,
  );
}

/** The endpoint with this port, unless it has one. */
export function withPort(endpoint: string, port: number): string {
  return /:\d+$/.test(endpoint) ? endpoint : `${endpoint}:${port}`;
}

/**
 * The region that an endpoint of AWS names.
 * @throws TypeError where it names none, as a custom domain does.
 */
export function regionOf(endpoint: string): string {
  const region = /\.iot(?:-fips)?\.([a-z\d-]+)\.amazonaws\./.exec(endpoint)?.[1];
  if (region !== undefined) return region;
  throw new TypeError(`rxmqtt/aws: the endpoint "${endpoint}" names no region; give it as region: 'eu-central-1'`);
}
