import { parseArgs, type ParseArgsConfig } from 'node:util';
import { suggestion } from '../options/suggestion.js';

/** The command line is invalid; the message says which part of it. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export type Values = Readonly<Record<string, string | boolean | undefined>>;

/** The options and words of a command line. @throws UsageError for an unknown option. */
export function parse(
  args: readonly string[],
  options: NonNullable<ParseArgsConfig['options']>,
): { readonly values: Values; readonly words: readonly string[] } {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    return { values: values as Values, words: positionals };
  } catch (error) {
    // Node appends a hint about positional arguments that does not apply here.
    const [reason = ''] = (error as Error).message.split(/[.\n]/);
    const name = /^Unknown option '--([\w-]+)'/.exec(reason)?.[1];
    const meant = name === undefined ? undefined : suggestion(name, Object.keys(options));
    const hint = meant === undefined ? '' : `, did you mean '--${meant}'`;
    throw new UsageError(reason.charAt(0).toLowerCase() + reason.slice(1) + hint);
  }
}

/** A text option; undefined when it was left out. */
export function textOf(values: Values, name: string): string | undefined {
  const value = values[name];
  if (value === '') throw new UsageError(`option '--${name}' is empty`);
  return typeof value === 'string' ? value : undefined;
}

/** A port from 0 (any free port) to 65535; undefined when it was left out. */
export function portOf(values: Values, name: string): number | undefined {
  const text = textOf(values, name);
  if (text === undefined) return undefined;
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65535) return port;
  throw new UsageError(`option '--${name}' is not a port from 0 to 65535: '${text}'`);
}
