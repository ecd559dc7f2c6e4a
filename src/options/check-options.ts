import { tagOf } from '../bytes.js';
import { textProblem } from '../topic/text-problem.js';
import { suggestion } from './suggestion.js';

/**
 * Checks the value of one option, and returns it without its null members.
 * @throws TypeError that names the option, the given value and the valid ones.
 */
export interface Check {
  (value: unknown, name: string, where: string): unknown;
  /** The checks of nested options, if any. */
  readonly inside?: Table;
}

type Table = Readonly<Record<string, Check>>;

/** The known options, each with its check. */
export type Checks<O> = Readonly<Record<keyof O, Check>>;

/** Checked elsewhere, or used as it is. */
export const unchecked: Check = (value) => value;

/**
 * Whether this may hold options: an object of names and values, also an instance of a class or `import * as options`,
 * but no array, Promise, Date, Map or URL.
 */
export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  // Most are literals, and publish() asks for each message.
  (value as object | null | undefined)?.constructor === Object || /t (Object|Module)]/.test(tagOf(value));

/** Accepts a value that passes a test. A text that fails it may be a secret, and is shown only if `isText` says so. */
export const that =
  (accepts: (value: unknown) => boolean, what: string, isText = false): Check =>
  (value, name, where) => {
    if (accepts(value)) return value;
    throw wrong(value, name, where, what, isText);
  };

/** A string that is checked again where it is used. */
export const string = /* @__PURE__ */ that((value) => typeof value === 'string', 'a text');

export const callback = /* @__PURE__ */ that((value) => typeof value === 'function', 'a function');

/** Properties of a packet. Names and values are checked when the packet is made. */
export const properties = /* @__PURE__ */ that(isRecord, 'an object');

/** A text that MQTT can carry. It may be a secret, so neither it nor an invalid value is shown. */
export const text: Check = (value, name, where) => {
  const problem = textProblem(value);
  if (problem !== undefined) throw new TypeError(`${where}: ${name} ${problem}; give a text`);
  return value;
};

export const numberIn =
  (low: number, high: number, unit: string, whole = false): Check =>
  (value, name, where) => {
    checkNumber(name, value, low, high, unit, whole, where);
    return value;
  };

export const oneOf =
  (...choices: (string | number | boolean)[]): Check =>
  (value, name, where) => {
    checkChoice(name, value, choices, where);
    return value;
  };

export const flag = /* @__PURE__ */ oneOf(true, false);

/** Options inside an option. */
export const object = <O>(inside: Checks<O>, what = 'an object'): Check =>
  Object.assign((value: unknown, name: string, where: string) => checkOptions(value, inside, where, name, what), {
    inside,
  });

/** An object whose keys the application chooses. */
export const record =
  (check: Check): Check =>
  (value, name, where) => {
    if (!isRecord(value)) throw wrong(value, name, where, 'an object');
    return Object.fromEntries(
      Object.entries(value).map(([key, one]) => [key, check(one, `${name}["${key}"]`, where)] as const),
    );
  };

export const list =
  (check: Check, what: string): Check =>
  (value, name, where) => {
    if (!Array.isArray(value)) throw wrong(value, name, where, `an array of ${what}`);
    return value.map((one: unknown, at) => check(one, `${name}[${at}]`, where));
  };

/** Accepts a value that passes the test; all others go to the check. */
export const or = (accepts: (value: unknown) => boolean, check: Check): Check =>
  Object.assign(
    (value: unknown, name: string, where: string) => (accepts(value) ? value : check(value, name, where)),
    check,
  );

/**
 * Checks options at every depth. `null` counts as left out.
 * @returns a copy without `null` and `undefined`.
 * @throws TypeError for an option that is unknown or fails its check.
 */
export function checkOptions<O>(given: unknown, checks: Checks<O>, where: string, name = '', what = 'an object'): O {
  const options: Record<string, unknown> = {};
  if (given === undefined || given === null) return options as O;
  if (!isRecord(given)) {
    if (name === '') throw new TypeError(`${where}: the options are ${kindOf(given)}; give ${what}`);
    throw wrong(given, name, where, what);
  }
  refuseUnknown(given, Object.keys(checks), where, name, checks);
  for (const key in given) {
    const value = given[key];
    if (value === undefined || value === null) continue;
    options[key] = checks[key as keyof O](value, within(name, key), where);
  }
  return options as O;
}

/** @throws TypeError that names the first unknown option and, if there is one, a similar known one. */
export function refuseUnknown(given: object, known: readonly string[], where: string, name = '', checks?: Table): void {
  for (const key in given) {
    if (known.includes(key)) continue;
    const near = suggestion(key, known);
    const outer = near === undefined ? known.find((one) => Object.hasOwn(checks?.[one]?.inside ?? {}, key)) : undefined;
    const meant = near ?? (outer === undefined ? undefined : within(outer, key));
    const help = meant === undefined ? `known are ${known.join(', ')}` : `did you mean ${within(name, meant)}?`;
    throw new TypeError(`${where}: ${name === '' ? '' : `${name}: `}option "${key}" is unknown; ${help}`);
  }
}

/** @throws TypeError unless the value is a number within its bounds. */
export function checkNumber(
  name: string,
  value: unknown,
  low: number,
  high: number,
  unit: string,
  whole = false,
  where = 'connect',
): void {
  if (typeof value === 'number' && value >= low && value <= high && (!whole || Number.isInteger(value))) return;
  throw wrong(value, name, where, `a ${whole ? 'whole ' : ''}number from ${low} to ${high} ${unit}`, true);
}

/** @throws TypeError unless the value is one of the choices. */
function checkChoice(
  name: string,
  value: unknown,
  choices: readonly (string | number | boolean)[],
  where: string,
): void {
  if (choices.includes(value as string)) return;
  const quoted = choices.map((choice) => (typeof choice === 'string' ? `'${choice}'` : String(choice)));
  throw wrong(value, name, where, `${quoted.slice(0, -1).join(', ')} or ${String(quoted.at(-1))}`, true);
}

/** A value in a message: a text is in quotes, and of an object only its kind is shown. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object' || value === null) return String(value);
  const kind = tagOf(value).slice(8, -1);
  return kind === 'Object' || kind === 'Array' ? `an ${kind.toLowerCase()}` : `a ${kind}`;
}

/** A text in the wrong place may be a secret and is not shown, unless a number or one of several words was expected. */
export function wrong(value: unknown, name: string, where: string, what: string, isText = false): TypeError {
  return new TypeError(`${where}: ${name} is ${isText ? shown(value) : kindOf(value)}; give ${what}`);
}

/** Names the kind of what may be a secret, and shows a number. */
export function kindOf(value: unknown): string {
  return typeof value === 'string' ? 'a text' : shown(value);
}

function within(name: string, key: string): string {
  return name === '' ? key : `${name}.${key}`;
}
