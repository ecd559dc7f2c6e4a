import { isBytes } from '../bytes.js';
import { PublishPacket } from '../packet/publish-packet.js';
import { decodeUtf8 } from '../utf8.js';

/** A matcher such as `expect.objectContaining(...)` of Jest and Vitest. */
export interface Asymmetric {
  asymmetricMatch(actual: unknown): boolean;
  readonly sample?: unknown;
  readonly toAsymmetricMatcher?: () => unknown;
  /** The name of the matcher. */
  toString(): string;
}

export const isAsymmetric = (what: unknown): what is Asymmetric =>
  isObject(what) && 'asymmetricMatch' in what && typeof what.asymmetricMatch === 'function';

const isObject = (what: unknown): what is object => typeof what === 'object' && what !== null;

/** Whether two values are equal. The expected one may contain matchers of Jest and Vitest. */
export function deepEqual(actual: unknown, expected: unknown): boolean {
  if (Object.is(actual, expected)) return true;
  if (!isObject(expected)) return false;
  if (isAsymmetric(expected)) return expected.asymmetricMatch(actual);
  if (!isObject(actual)) return false;
  if (actual instanceof Error && expected instanceof Error) {
    return actual.name === expected.name && actual.message === expected.message;
  }
  if (actual instanceof Date && expected instanceof Date) return actual.getTime() === expected.getTime();
  if (ArrayBuffer.isView(actual) || ArrayBuffer.isView(expected)) return sameBytes(actual, expected);
  if (actual instanceof Map && expected instanceof Map) return sameList([...actual], [...expected]);
  if (actual instanceof Set && expected instanceof Set) return sameList([...actual], [...expected]);
  if (Array.isArray(actual) !== Array.isArray(expected)) return false;
  if (actual instanceof PublishPacket && expected instanceof PublishPacket) return sameMessage(actual, expected);
  return sameFields(actual, expected);
}

/** Whether a value has all expected fields; it may have more. Text equals its UTF-8 bytes. */
export function includes(actual: unknown, expected: unknown): boolean {
  if (typeof expected === 'string' && isBytes(actual)) return decodeUtf8(actual) === expected;
  if (!isObject(actual) || !isObject(expected) || isAsymmetric(expected) || ArrayBuffer.isView(expected)) {
    return deepEqual(actual, expected);
  }
  if (Array.isArray(expected)) return deepEqual(actual, expected);
  return Object.entries(expected).every(([key, value]) => includes(field(actual, key), value));
}

/** The first field that is not as expected; undefined when the values are not plain objects. */
export function differingField(actual: unknown, expected: unknown, isPartial: boolean): FieldDifference | undefined {
  if (!isPlain(actual) || !isPlain(expected)) return undefined;
  if (actual instanceof PublishPacket && expected instanceof PublishPacket) {
    return differingField(dataOf(actual), dataOf(expected), isPartial);
  }
  const keys = isPartial ? definedKeys(expected) : [...new Set([...definedKeys(expected), ...definedKeys(actual)])];
  const same = isPartial ? includes : deepEqual;
  const key = keys.find((one) => !same(field(actual, one), field(expected, one)));
  if (key === undefined) return undefined;
  const [is, wanted] = [field(actual, key), field(expected, key)];
  const inner = differingField(is, wanted, isPartial);
  return inner === undefined ? { path: key, is, wanted } : { ...inner, path: `${key}.${inner.path}` };
}

/** The path at which two values differ, and both values there. */
export interface FieldDifference {
  readonly path: string;
  readonly is: unknown;
  readonly wanted: unknown;
}

const isPlain = (what: unknown): what is object =>
  isObject(what) && !Array.isArray(what) && !ArrayBuffer.isView(what) && !isAsymmetric(what);

const field = (of: object, key: string): unknown => (of as Record<string, unknown>)[key];

function sameFields(actual: object, expected: object): boolean {
  const keys = definedKeys(expected);
  return (
    definedKeys(actual).length === keys.length &&
    keys.every((key) => deepEqual(field(actual, key), field(expected, key)))
  );
}

/** The packet identifier does not matter. */
const sameMessage = (actual: PublishPacket, expected: PublishPacket): boolean =>
  sameFields(dataOf(actual), dataOf(expected));

const dataOf = ({ topic, payload, qos, retain, dup, properties }: PublishPacket): object => ({
  topic,
  payload,
  qos,
  retain,
  dup,
  properties,
});

/** An undefined field equals a missing one. */
const definedKeys = (of: object): string[] => Object.keys(of).filter((key) => field(of, key) !== undefined);

function sameList(actual: readonly unknown[], expected: readonly unknown[]): boolean {
  return actual.length === expected.length && actual.every((value, index) => deepEqual(value, expected[index]));
}

function sameBytes(actual: object, expected: object): boolean {
  if (!ArrayBuffer.isView(actual) || !ArrayBuffer.isView(expected)) return false;
  const bytes = ({ buffer, byteOffset, byteLength }: ArrayBufferView): number[] => [
    ...new Uint8Array(buffer, byteOffset, byteLength),
  ];
  return sameList(bytes(actual), bytes(expected));
}
