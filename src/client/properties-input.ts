import type { Properties } from '../packet/packets.js';
import { isRecord } from '../options/check-options.js';
import { requireProperties } from '../packet/check-properties.js';
import { normalizeUserProperties } from '../packet/properties.js';
import { propertyByName, type PropertyCarrier } from '../packet/property-table.js';
import type { UserPropertiesInput } from './client-options.js';

/**
 * Converts properties to those of a packet and checks them.
 * @throws MqttError with code `INVALID_PROPERTY` that names the property.
 */
export function toProperties(input: object, carrier: PropertyCarrier): Properties {
  // Anything else would have no names, and count as no properties.
  if (!isRecord(input)) requireProperties(input, carrier);
  const properties: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(input) as [string, unknown][]) {
    if (value === undefined || value === null) continue;
    const type = propertyByName.get(name)?.type;
    properties[name] = type === 'pairs' ? toPairs(value) : type === 'flag' ? toFlag(value) : value;
  }
  requireProperties(properties, carrier);
  return properties;
}

/** The standard writes flags as 0 and 1, so options may, too. */
export function toFlag(value: unknown): unknown {
  return value === 1 ? true : value === 0 ? false : value;
}

function toPairs(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  for (const one of Object.values(value)) if (typeof one !== 'string' && !Array.isArray(one)) return value;
  return normalizeUserProperties(value as UserPropertiesInput);
}
