import { textProblem } from '../topic/text-problem.js';

/**
 * Checks the value of one option that was given.
 * @throws TypeError that names the option.
 */
export type Check = (value: unknown, name: string) => void;

/** The known options, each with its check. */
export type Checks<O> = Readonly<Record<keyof O, Check>>;

/** Checked elsewhere, or used as it is. */
export const unchecked: Check = () => undefined;

export const flag: Check = (value, name) => {
  if (typeof value !== 'boolean') throw new TypeError(`connect: ${name} is not a boolean; give true or false`);
};

export const callback: Check = (value, name) => {
  if (typeof value !== 'function') throw new TypeError(`connect: ${name} is not a function; give one`);
};

export const text: Check = (value, name) => {
  const problem = textProblem(value);
  if (problem !== undefined) throw new TypeError(`connect: ${name} ${problem}`);
};

export const numberIn =
  (low: number, high: number, unit: string, whole = false): Check =>
  (value, name) => {
    checkNumber(name, value, low, high, unit, whole);
  };

export const oneOf =
  (...choices: (string | number)[]): Check =>
  (value, name) => {
    checkChoice(name, value, choices, 'connect');
  };

/** Checks the options inside an option that is an object. */
export const object =
  <O>(where: string, checks: Checks<O>): Check =>
  (value) => {
    if (typeof value === 'object' && value !== null) checkOptions(value, checks, where, `${where}.`);
  };

/** @throws TypeError for an option that is unknown or fails its check. */
export function checkOptions<O>(given: object, checks: Checks<O>, where: string, prefix = ''): void {
  refuseUnknown(given, Object.keys(checks), where);
  for (const name in given) {
    const value: unknown = given[name as keyof typeof given];
    if (value !== undefined) checks[name as unknown as keyof O](value, prefix + name);
  }
}

/** @throws TypeError that names the first unknown option. */
export function refuseUnknown(given: object, known: readonly string[], where: string): void {
  for (const name in given) {
    if (!known.includes(name)) {
      throw new TypeError(`${where}: option "${name}" is unknown; known are ${known.join(', ')}`);
    }
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
  throw new TypeError(
    `${where}: ${name} is ${String(value)}; give a ${whole ? 'whole ' : ''}number from ${low} to ${high} ${unit}`,
  );
}

/** @throws TypeError unless the value is one of the choices. */
export function checkChoice(name: string, value: unknown, choices: readonly (string | number)[], where: string): void {
  if (choices.includes(value as string)) return;
  throw new TypeError(`${where}: ${name} is ${String(value)}; give ${listOf(choices)}`);
}

function listOf(choices: readonly (string | number)[]): string {
  const quoted = choices.map((choice) => (typeof choice === 'string' ? `'${choice}'` : String(choice)));
  return `${quoted.slice(0, -1).join(', ')} or ${String(quoted.at(-1))}`;
}
