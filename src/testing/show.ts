import { isBytes } from '../bytes.js';
import { PublishPacket } from '../packet/publish-packet.js';
import { decodeUtf8 } from '../utf8.js';
import { type Asymmetric, type FieldDifference, isAsymmetric } from './deep-equal.js';
import { describeMessage } from './describe-packet.js';

/** A value in one line, as failures show it. */
export function show(value: unknown): string {
  if (value instanceof PublishPacket) return describeMessage(value);
  if (isBytes(value)) return `"${decodeUtf8(value)}"`;
  if (isAsymmetric(value)) return showMatcher(value);
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  if (typeof value === 'string') return JSON.stringify(value);
  if (value instanceof RegExp || typeof value !== 'object' || value === null) return String(value);
  try {
    return JSON.stringify(value, (_key, inner: unknown) => (isAsymmetric(inner) ? showMatcher(inner) : inner));
  } catch {
    return Object.prototype.toString.call(value);
  }
}

/** `properties.contentType is "a", not "b"` */
export const showDifference = ({ path, is, wanted }: FieldDifference): string =>
  `${path} is ${show(is)}, not ${show(wanted)}`;

/** `Any<Number>`, `ObjectContaining {"x":1}` */
function showMatcher(matcher: Asymmetric): string {
  const { sample, toAsymmetricMatcher } = matcher;
  if (typeof toAsymmetricMatcher === 'function') return String(toAsymmetricMatcher.call(matcher));
  return sample === undefined ? String(matcher) : `${String(matcher)} ${show(sample)}`;
}
