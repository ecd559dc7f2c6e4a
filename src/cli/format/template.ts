import type { MqttMessage } from 'rxmqtt';
import { recordedLine } from '../../packet/recorded-message.js';
import { timeOfDay } from '../../rx/clock.js';
import { UsageError } from '../usage-error.js';

type Part = string | ((message: MqttMessage) => string);

const hex = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('hex');

/** The fields after a `%`. The letters are those of mosquitto_sub where it has the field. */
const FIELDS: Readonly<Record<string, (message: MqttMessage) => string>> = {
  t: ({ topic }) => topic,
  p: (message) => message.text(),
  x: ({ payload }) => hex(payload),
  b: ({ payload }) => Buffer.from(payload).toString('base64'),
  l: ({ payload }) => String(payload.length),
  q: ({ qos }) => String(qos),
  r: ({ retain }) => (retain ? '1' : '0'),
  d: ({ dup }) => (dup ? '1' : '0'),
  m: ({ packetId }) => String(packetId),
  j: (message) => recordedLine(message, 0),
  I: () => new Date(timeOfDay()).toISOString(),
  U: () => (timeOfDay() / 1000).toFixed(3),
  C: ({ properties }) => properties?.contentType ?? '',
  D: ({ properties }) => hex(properties?.correlationData),
  E: ({ properties }) => String(properties?.messageExpiryInterval ?? ''),
  F: ({ properties }) => (properties?.payloadFormatIndicator === true ? '1' : '0'),
  P: ({ properties }) => (properties?.userProperties ?? []).map(([name, value]) => `${name}:${value}`).join(' '),
  R: ({ properties }) => properties?.responseTopic ?? '',
  S: ({ properties }) => [properties?.subscriptionIdentifier ?? []].flat().join(' '),
  '%': () => '%',
};

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '0': '\0', '\\': '\\' };

/**
 * Formats messages by `--format`, such as `%t %p`. The escapes are `\n`, `\t`, `\r`, `\0` and `\\`.
 * @throws UsageError for an unknown field.
 */
export function template(format: string): (message: MqttMessage) => string {
  const parts = [...format.matchAll(/%(.?)|\\([ntr0\\])|[^%\\]+|\\/gsu)].map(([all, field, escape]): Part => {
    if (escape !== undefined) return ESCAPES[escape] ?? all;
    if (field === undefined) return all;
    const read = Object.hasOwn(FIELDS, field) ? FIELDS[field] : undefined;
    if (read !== undefined) return read;
    throw new UsageError(`has an unknown '%${field}'; known are ${Object.keys(FIELDS).join(' ')}`);
  });
  return (message) => parts.map((part) => (typeof part === 'string' ? part : part(message))).join('');
}
