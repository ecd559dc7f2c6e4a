/** A matcher such as `expect.objectContaining(...)` of Jest and Vitest. */
interface Asymmetric {
  asymmetricMatch(actual: unknown): boolean;
}

const isAsymmetric = (what: object): what is Asymmetric =>
  'asymmetricMatch' in what && typeof what.asymmetricMatch === 'function';

const isObject = (what: unknown): what is object => typeof what === 'object' && what !== null;

/** Whether two values say the same. What is expected may hold matchers of Jest and Vitest. */
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
  return sameFields(actual, expected);
}

/** Whether a value has everything that is expected of it, and maybe more. */
export function includes(actual: unknown, expected: unknown): boolean {
  if (!isObject(actual) || !isObject(expected) || isAsymmetric(expected) || ArrayBuffer.isView(expected)) {
    return deepEqual(actual, expected);
  }
  if (Array.isArray(expected)) return deepEqual(actual, expected);
  return Object.entries(expected).every(([key, value]) => includes(field(actual, key), value));
}

const field = (of: object, key: string): unknown => (of as Record<string, unknown>)[key];

function sameFields(actual: object, expected: object): boolean {
  const keys = definedKeys(expected);
  return (
    definedKeys(actual).length === keys.length &&
    keys.every((key) => deepEqual(field(actual, key), field(expected, key)))
  );
}

/** A field that is undefined says what one says that is not there. */
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
