import { hostOf } from './host-of.js';

/** The owner of sessions: a user or a certificate, or {@link UNKNOWN}. */
export type Principal = string;

/** A client without a user name and without a certificate. */
export const UNKNOWN: Principal = '';

/** Who a client is: its user name, else the fingerprint of its certificate. */
export function principalOf(username: string | undefined, certificate: unknown): Principal {
  if (username !== undefined) return `user:${username}`;
  const fingerprint = (certificate as { readonly fingerprint256?: unknown } | undefined)?.fingerprint256;
  return typeof fingerprint === 'string' ? `certificate:${fingerprint}` : UNKNOWN;
}

/** Whose quotas a client uses: its own, or those of its address. */
export function payerOf(principal: Principal, address: string | undefined): string {
  return principal === UNKNOWN ? `address:${hostOf(address)}` : principal;
}
