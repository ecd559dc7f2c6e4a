import { type Checks, checkOptions, oneOf, string, that, unchecked } from '../../options/check-options.js';
import type { QoS } from '../../packet/packets.js';
import { textProblem } from '../../topic/text-problem.js';
import { type MountPoint, mountPointOf } from './mount-point.js';

/**
 * The identity of a client, and its rights. An authenticator that answers with one lets the client in. A field that is
 * left out keeps the value of CONNECT or of the listener; at least one field must be given.
 */
export interface ClientPrincipal {
  /** The owner of its session, as the other hooks see it. Default: the user name of CONNECT. */
  readonly username?: string | undefined;
  /** The identifier of its session, in the place of that of CONNECT. The client is not told of it. */
  readonly clientId?: string | undefined;
  /**
   * The part of the topic tree that the client lives in, such as `tenants/7`. It is put in front of each topic and
   * filter of the client and taken off again; see docs/broker.md. Default: the whole tree.
   */
  readonly mountPoint?: string | undefined;
  /** The highest QoS of its messages in both directions. Default: that of the listener, 2. */
  readonly maxQos?: QoS | undefined;
  /** When it ends, as a `Date` or in ms since 1970: then its connection does (0x87). Default: it does not. */
  readonly expiresAt?: Date | number | undefined;
  /** Data for the application's other hooks. It stays in memory. */
  readonly data?: unknown;
}

/** A {@link ClientPrincipal} after its checks. */
export interface CheckedPrincipal {
  readonly username?: string;
  readonly clientId?: string;
  /** Ends in `/`. */
  readonly mountPoint?: MountPoint;
  readonly maxQos?: QoS;
  /** ms since 1970. */
  readonly expiresAt?: Date | number;
  readonly data?: unknown;
}

const isTime = (value: unknown): boolean => !Number.isNaN(timeOf(value));

export const PRINCIPAL_CHECKS: Checks<ClientPrincipal> = {
  username: string,
  clientId: (value) => {
    const problem = value === '' ? 'is empty' : textProblem(value);
    if (problem !== undefined) throw new TypeError(`its clientId ${problem}`);
    return value;
  },
  mountPoint: mountPointOf,
  maxQos: oneOf(0, 1, 2),
  expiresAt: that(isTime, 'a Date or a number of ms since 1970'),
  data: unchecked,
};

/**
 * @throws TypeError for an answer that is no principal: with an unknown field, with an impossible one, or with none.
 */
export function readPrincipal(answer: object): CheckedPrincipal {
  const principal = checkOptions<CheckedPrincipal>(answer, PRINCIPAL_CHECKS, 'its answer');
  if (Object.keys(principal).length === 0) throw new TypeError('it answered an object without a principal; give true');
  return principal;
}

/** When a principal ends, in ms since 1970; undefined when it does not. */
export function endOf({ expiresAt }: CheckedPrincipal): number | undefined {
  return expiresAt === undefined ? undefined : timeOf(expiresAt);
}

function timeOf(value: unknown): number {
  if (value instanceof Date) return value.getTime();
  return typeof value === 'number' ? value : Number.NaN;
}
