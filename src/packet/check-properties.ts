import { isBytes } from '../bytes.js';
import { ErrorCode, MqttError } from '../errors.js';
import { isRecord, kindOf } from '../options/check-options.js';
import { textProblem } from '../topic/text-problem.js';
import { mayRepeat, propertyByName, type PropertyCarrier, type PropertyRule } from './property-table.js';
import type { Properties } from './packets.js';
import { VAR_INT_MAX } from './var-int.js';

/**
 * Checks the properties that a user passed for a packet. Returns a text that names the invalid one without quoting its
 * value, or undefined if all can be sent.
 */
export function checkProperties(properties: Properties, carrier: PropertyCarrier): string | undefined {
  if (!isRecord(properties)) return `the properties are ${kindOf(properties)}; give an object`;
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined) continue;
    const rule = propertyByName.get(name);
    if (rule === undefined) return `property "${name}" is unknown`;
    if (!rule.carriers.includes(carrier)) return `property ${name} is not allowed in ${carrier.toUpperCase()}`;
    const problem = checkValue(rule, value, carrier);
    if (problem !== undefined) return `property ${name} ${problem}`;
  }
  if (properties.authenticationData !== undefined && properties.authenticationMethod === undefined) {
    return 'property authenticationData needs authenticationMethod beside it';
  }
  return undefined;
}

/** @throws MqttError with code `INVALID_PROPERTY` unless all properties can be sent. */
export function requireProperties(properties: object | undefined, carrier: PropertyCarrier): void {
  if (properties === undefined) return;
  const problem = checkProperties(properties, carrier);
  if (problem === undefined) return;
  throw new MqttError(`${carrier.toUpperCase()} cannot be sent: ${problem}`, { code: ErrorCode.INVALID_PROPERTY });
}

function checkValue(rule: PropertyRule, value: unknown, carrier: PropertyCarrier): string | undefined {
  switch (rule.type) {
    case 'flag':
      return typeof value === 'boolean' ? undefined : 'must be true or false';
    case 'bit':
      return value === 0 || value === 1 ? undefined : 'must be 0 or 1';
    case 'uint16':
      return checkNumber(value, rule.min, 0xffff);
    case 'uint32':
      return checkNumber(value, rule.min, 0xffffffff);
    case 'varInt':
      return checkIdentifiers(rule, value, carrier);
    case 'string':
      return textProblem(value) ?? (rule.name === 'responseTopic' ? checkResponseTopic(String(value)) : undefined);
    case 'binary':
      if (!isBytes(value)) return 'must be a Uint8Array';
      return value.length > 0xffff ? `has ${value.length} bytes; at most 65535 fit` : undefined;
    case 'pairs':
      return checkPairs(value);
  }
}

function checkNumber(value: unknown, min: number, max: number): string | undefined {
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return undefined;
  return `must be a whole number from ${min} to ${max}`;
}

function checkIdentifiers(rule: PropertyRule, value: unknown, carrier: PropertyCarrier): string | undefined {
  if (!Array.isArray(value)) return checkNumber(value, rule.min, VAR_INT_MAX);
  if (!mayRepeat(rule, carrier)) return `must be one number in ${carrier.toUpperCase()}`;
  for (const one of value as unknown[]) {
    const problem = checkNumber(one, rule.min, VAR_INT_MAX);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** [MQTT-3.3.2-14] */
function checkResponseTopic(topic: string): string | undefined {
  if (topic === '') return 'must not be empty';
  return /[+#]/.test(topic) ? 'must not hold the wildcards + and #' : undefined;
}

function checkPairs(value: unknown): string | undefined {
  if (!Array.isArray(value)) return 'must be a list of [name, value] pairs';
  for (const pair of value as unknown[]) {
    if (!Array.isArray(pair) || pair.length !== 2) return 'must be a list of [name, value] pairs';
    for (const half of pair as unknown[]) {
      const problem = textProblem(half);
      if (problem !== undefined) return `${problem} in a name or a value`;
    }
  }
  return undefined;
}
