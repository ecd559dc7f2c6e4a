import type { SubscribeProperties } from '../packet/packets.js';
import { propertiesLength } from '../packet/properties.js';
import { varIntLength } from '../packet/var-int.js';
import { utf8Length } from '../utf8.js';

/** Bytes of a whole SUBSCRIBE with these filters. */
export function subscribeSize(version: number, filters: readonly string[], properties: SubscribeProperties): number {
  return requestSize(version, filters, 3, properties);
}

/** Bytes of a whole UNSUBSCRIBE with these filters. */
export function unsubscribeSize(
  version: number,
  filters: readonly string[],
  properties: SubscribeProperties | undefined,
): number {
  return requestSize(version, filters, 2, properties);
}

function requestSize(
  version: number,
  filters: readonly string[],
  overhead: number,
  properties: SubscribeProperties | undefined,
): number {
  let remaining = 2;
  for (const filter of filters) remaining += overhead + utf8Length(filter);
  if (version === 5) {
    const content = propertiesLength(properties);
    remaining += varIntLength(content) + content;
  }
  return 1 + varIntLength(remaining) + remaining;
}
