import { UsageError } from '../usage-error.js';

/** The completion of an option's value: files, folders, or these words. */
export type Completion = 'file' | 'folder' | readonly string[];

/** One option, which defines its parsing, its variable in the environment, its key in profiles, help and completion. */
export interface Option<T> {
  readonly about: string;
  /** Its one-letter form. */
  readonly short?: string | undefined;
  /** The placeholder of the value in the help; undefined for a flag. */
  readonly value?: string | undefined;
  /** The default, as the help shows it. */
  readonly shown?: string | undefined;
  readonly completion?: Completion | undefined;
  /** Whether it may be repeated; a profile has a list. */
  readonly isList?: boolean;
  /** Whether it is a flag that counts its repetitions. */
  readonly isCount?: boolean;
  /**
   * Parses the given texts: none if the option was left out, several only for a list. A flag is given as `true`.
   * @throws Error whose message continues the name of the option: `is not a number`.
   */
  read(texts: readonly string[]): T;
}

/** Options by their names. */
export type OptionTable = Readonly<Record<string, Option<unknown>>>;

/** The values of a table. */
export type ValuesOf<T extends OptionTable> = {
  readonly [K in keyof T]: T[K] extends Option<infer V> ? V : never;
};

interface Details {
  readonly short?: string;
  readonly completion?: Completion;
}

/** An option with a value, parsed by a function. */
export function value<T>(
  name: string,
  about: string,
  read: (text: string) => T,
  details: Details = {},
): Option<T | undefined> {
  return { about, value: name, ...details, read: ([text]) => (text === undefined ? undefined : read(text)) };
}

/** The same option with a default, written as on the command line. */
export function defaulting<T>(text: string, option: Option<T | undefined>): Option<T> {
  return { ...option, shown: text, read: ([given = text]) => option.read([given]) as T };
}

export function text(name: string, about: string, details?: Details): Option<string | undefined> {
  return value(name, about, nonEmpty, details);
}

/** An option with a value that may be repeated. */
export function texts<T = string>(
  name: string,
  about: string,
  read: (text: string) => T,
  details: Details = {},
): Option<readonly T[]> {
  return { about, value: name, isList: true, ...details, read: (all) => all.map((one) => read(nonEmpty(one))) };
}

export function flag(about: string, short?: string): Option<boolean> {
  return { about, short, read: ([given]) => given !== undefined && truthOf(given) };
}

/** A flag that counts its repetitions. */
export function count(about: string, short: string): Option<number> {
  return { about, short, isCount: true, read: (all) => all.reduce((sum, one) => sum + countOf(one), 0) };
}

export function choice<C extends string>(
  choices: readonly C[],
  about: string,
  details: Details = {},
): Option<C | undefined> {
  return value(
    choices.join('|'),
    about,
    (given) => {
      const found = choices.find((one) => one === given);
      if (found === undefined) throw new UsageError(`is not ${listed(choices)}: '${given}'`);
      return found;
    },
    { completion: choices, ...details },
  );
}

export function wholeNumber(
  name: string,
  about: string,
  low: number,
  high: number,
  details?: Details,
): Option<number | undefined> {
  const read = (given: string): number => {
    const number = Number(given);
    if (/^\d+$/.test(given) && number >= low && number <= high) return number;
    const upTo = high === Number.MAX_SAFE_INTEGER ? ` of ${low} or more` : ` from ${low} to ${high}`;
    throw new UsageError(`is not a whole number${upTo}: '${given}'`);
  };
  return value(name, about, read, details);
}

/** A number above 0, with or without a fraction. */
export function positive(name: string, about: string, details?: Details): Option<number | undefined> {
  return value(name, about, positiveOf, details);
}

export function positiveOf(given: string): number {
  const number = Number(given);
  if (/^\d*\.?\d+$/.test(given) && number > 0) return number;
  throw new UsageError(`is not a number above 0: '${given}'`);
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A length of time in ms: `100ms`, `2.5s`, `1m`, `2h`; a bare number is seconds. */
export function duration(about: string, details?: Details): Option<number | undefined> {
  return value('TIME', about, durationOf, details);
}

function durationOf(given: string): number {
  const [, number = '', unit = 's'] = /^(\d*\.?\d+)(ms|s|m|h|d)?$/.exec(given) ?? [];
  if (number !== '') return Number(number) * (UNITS[unit] ?? 1000);
  throw new UsageError(`is not a time like 100ms, 2.5s, 1m or 2h: '${given}'`);
}

function nonEmpty(given: string): string {
  if (given === '') throw new UsageError('is empty');
  return given;
}

function listed(choices: readonly string[]): string {
  return choices.length < 2 ? choices.join('') : `${choices.slice(0, -1).join(', ')} or ${String(choices.at(-1))}`;
}

function truthOf(given: string): boolean {
  if (/^(true|1|yes|on)$/i.test(given)) return true;
  if (/^(false|0|no|off|)$/i.test(given)) return false;
  throw new UsageError(`is not true or false: '${given}'`);
}

/** Each repetition of the flag is a `true`; the environment and profiles have a number. */
function countOf(given: string): number {
  if (/^\d$/.test(given)) return Number(given);
  return truthOf(given) ? 1 : 0;
}
