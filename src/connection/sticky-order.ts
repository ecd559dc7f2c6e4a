import type { Server } from '../transport/platform.js';
import { displayUrl } from '../transport/url.js';

/**
 * The order in which a client tries its servers, drawn from its identifier (weighted rendezvous hashing). Over many
 * clients each server comes first in proportion to its weight; a server that comes or goes moves only the clients that
 * it takes or had. Priorities go before.
 */
export function stickyOrder(servers: readonly Server[], clientId: string): readonly Server[] {
  return servers
    .map((server) => ({ server, cost: cost(server, clientId) }))
    .sort((a, b) => a.server.priority - b.server.priority || a.cost - b.cost)
    .map(({ server }) => server);
}

/** A server of weight 0 is meant to have a small chance. */
const LEAST_WEIGHT = 0.01;

function cost({ url, weight }: Server, clientId: string): number {
  // Without secrets: a new password must not move the client.
  const lot = (hash(`${clientId}\n${displayUrl(url)}`) + 0.5) / 2 ** 32;
  return -Math.log(lot) / Math.max(weight, LEAST_WEIGHT);
}

/** FNV-1a, and the finish of MurmurHash3, which spreads texts that differ in their last character. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
