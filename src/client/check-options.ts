import { textProblem } from '../topic/text-problem.js';

/** @throws TypeError that names the first option that is not known. */
export function refuseUnknown(given: object, known: readonly string[], where: string): void {
  for (const name in given) {
    if (!known.includes(name)) {
      throw new TypeError(`${where}: option "${name}" is unknown; known are ${known.join(', ')}`);
    }
  }
}

/** @throws TypeError for a number out of its bounds, or for what is none; left out is fine. */
export function checkNumber(
  name: string,
  value: number | undefined,
  low: number,
  high: number,
  unit: string,
  whole = false,
  where = 'connect',
): void {
  if (value === undefined) return;
  if (typeof value === 'number' && value >= low && value <= high && (!whole || Number.isInteger(value))) return;
  const kind = whole ? 'a whole number' : 'a number';
  throw new TypeError(`${where}: ${name} is ${String(value)}; give ${kind} from ${low} to ${high} ${unit}`);
}

/** @throws TypeError for anything but the choices; left out is fine. */
export function checkChoice(
  name: string,
  value: string | number | undefined,
  choices: readonly (string | number)[],
  where = 'connect',
): void {
  if (value === undefined || choices.includes(value)) return;
  const quoted = choices.map((choice) => (typeof choice === 'string' ? `'${choice}'` : String(choice)));
  const list = `${quoted.slice(0, -1).join(', ')} or ${String(quoted.at(-1))}`;
  throw new TypeError(`${where}: ${name} is ${String(value)}; give ${list}`);
}

/** @throws TypeError for a text that cannot be sent; left out is fine. */
export function checkText(name: string, text: unknown): void {
  const problem = text === undefined ? undefined : textProblem(text);
  if (problem !== undefined) throw new TypeError(`connect: ${name} ${problem}`);
}
