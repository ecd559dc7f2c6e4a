import { utf8Length } from '../utf8.js';
import type { Properties } from './packets.js';
import { propertiesLength } from './properties.js';
import { varIntLength } from './var-int.js';

/** Bytes that each filter adds to its own: its length, and its options in SUBSCRIBE. */
const PER_FILTER = { subscribe: 3, unsubscribe: 2 } as const;

/** The size in bytes of a SUBSCRIBE or UNSUBSCRIBE with these filters. */
export function requestSize(
  cmd: keyof typeof PER_FILTER,
  version: number,
  filters: readonly string[],
  properties: Properties | undefined,
): number {
  let remaining = 2;
  for (const filter of filters) remaining += PER_FILTER[cmd] + utf8Length(filter);
  if (version === 5) {
    const content = propertiesLength(properties);
    remaining += varIntLength(content) + content;
  }
  return 1 + varIntLength(remaining) + remaining;
}
