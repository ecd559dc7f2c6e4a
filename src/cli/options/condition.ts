import type { MqttMessage } from 'rxmqtt';
import { UsageError } from '../usage-error.js';

type Comparison = (found: unknown, wanted: string) => boolean;

/** Longer operators first, because `<=` begins with `<`. */
const COMPARISONS: Readonly<Record<string, Comparison>> = {
  '!=': (found, wanted) => !isEqual(found, wanted),
  '<=': (found, wanted) => numberOf(found) <= Number(wanted),
  '>=': (found, wanted) => numberOf(found) >= Number(wanted),
  '=': isEqual,
  '<': (found, wanted) => numberOf(found) < Number(wanted),
  '>': (found, wanted) => numberOf(found) > Number(wanted),
};

/**
 * A condition on a message: `state=ready`, `sensors.0.celsius>=20`, `error` (exists), or `=on` for a payload that is
 * not JSON. The path goes through objects and lists of the JSON payload.
 * @throws UsageError
 */
export function conditionOf(given: string): (message: MqttMessage) => boolean {
  const [, path = '', sign, wanted = ''] = /^([^=<>!]*)(?:(!=|<=|>=|=|<|>)(.*))?$/s.exec(given) ?? [];
  const keys = path === '' || path === '.' ? [] : path.split('.');
  if (sign === undefined) {
    if (keys.length === 0) throw new UsageError(`is not PATH=VALUE: '${given}'`);
    return (message) => found(message, keys) !== undefined;
  }
  const compare = COMPARISONS[sign] ?? isEqual;
  if (/[<>]/.test(sign) && (wanted.trim() === '' || Number.isNaN(Number(wanted)))) {
    throw new UsageError(`compares with something that is not a number: '${given}'`);
  }
  return (message) => {
    const one = found(message, keys);
    // A missing value differs from every other, and is neither greater nor less.
    return one === undefined ? sign === '!=' : compare(one, wanted);
  };
}

/** NaN, which no comparison holds for, where JavaScript would take null, false, lists or an empty text for a number. */
function numberOf(found: unknown): number {
  return typeof found === 'number' || (typeof found === 'string' && found.trim() !== '') ? Number(found) : NaN;
}

function isEqual(one: unknown, wanted: string): boolean {
  if (typeof one === 'string') return one === wanted;
  const text = JSON.stringify(one);
  return text === wanted || (typeof one === 'number' && wanted.trim() !== '' && one === Number(wanted));
}

function found(message: MqttMessage, keys: readonly string[]): unknown {
  const text = message.text();
  let at: unknown;
  try {
    at = JSON.parse(text);
  } catch {
    return keys.length === 0 ? text : undefined;
  }
  for (const key of keys) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined;
    at = (at as Readonly<Record<string, unknown>>)[key];
  }
  return at;
}
