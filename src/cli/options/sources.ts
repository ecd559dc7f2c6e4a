import { parseArgs, type ParseArgsConfig } from 'node:util';
import { suggestion } from '../../options/suggestion.js';
import { UsageError } from '../usage-error.js';
import type { Option, OptionTable, ValuesOf } from './option.js';
import type { Profile } from './profile.js';

/** A parsed command line. */
export interface CommandLine {
  /** The given texts of each option. */
  readonly given: ReadonlyMap<string, readonly string[]>;
  /** The positional arguments. */
  readonly words: readonly string[];
  /** The arguments after `--`, for a command that starts a program; otherwise they are among `words`. */
  readonly afterDashes: readonly string[];
}

/** @throws UsageError for an option that is unknown, or lacks its value. */
export function readCommandLine(args: readonly string[], table: OptionTable, startsCommand = false): CommandLine {
  const options: NonNullable<ParseArgsConfig['options']> = {};
  for (const [name, { short, value }] of Object.entries(table)) {
    options[name] = { type: value === undefined ? 'boolean' : 'string', multiple: true, ...(short && { short }) };
  }
  const at = startsCommand ? args.indexOf('--') : -1;
  const own = at < 0 ? args : args.slice(0, at);
  const { values, positionals } = parsed(own, options, table);
  const given = new Map<string, readonly string[]>();
  for (const [name, all] of Object.entries(values)) given.set(name, [all].flat().map(String));
  return { given, words: positionals, afterDashes: at < 0 ? [] : args.slice(at + 1) };
}

function parsed(args: readonly string[], options: NonNullable<ParseArgsConfig['options']>, table: OptionTable) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    // Node appends hints about positional arguments, which do not always apply here.
    const [reason = ''] = (error as Error).message.split(/[.\n]/);
    throw new UsageError(reason.charAt(0).toLowerCase() + reason.slice(1) + hint(reason, table));
  }
}

function hint(reason: string, table: OptionTable): string {
  if (reason.endsWith('argument is ambiguous')) {
    return ': another option follows; join a value that begins with a minus to it: --option=-value';
  }
  const [, dashes, name = ''] = /^Unknown option '(--?)([^']*)'/.exec(reason) ?? [];
  // Other users of the computer can see the command line.
  if (/^(password|pw|P)$/.test(name) && 'password-file' in table) {
    return '; give --password-file FILE, RXMQTT_PASSWORD, or type it when you are asked';
  }
  const other = dashes === '-' && 'url' in table ? MOSQUITTO_HINTS[name] : undefined;
  if (other !== undefined) return `; ${other}`;
  if (dashes === '-' && /^[\d.]/.test(name)) return "; write '--' before an argument that begins with '-'";
  const meant = dashes === '--' ? suggestion(name, Object.keys(table)) : undefined;
  return meant === undefined ? '' : `, did you mean '--${meant}'`;
}

/** Options of mosquitto_sub and mosquitto_pub, with a hint for each. */
const MOSQUITTO_HINTS: Readonly<Record<string, string>> = {
  t: 'the topic is an argument, without an option',
  m: 'the payload is an argument after the topic',
  p: 'the port is part of --url mqtt://host:1883',
  C: 'the count is -n',
  d: '-v shows packets',
  c: '--session-expiry TIME keeps a session',
  x: '--session-expiry TIME keeps a session',
  l: '--lines reads lines',
  s: "the payload '-' is the standard input",
};

/** The name of an option in the environment: `RXMQTT_PASSWORD_FILE`. */
export function variableOf(name: string, prefix = 'RXMQTT_'): string {
  return prefix + name.toUpperCase().replaceAll('-', '_');
}

/** The other sources of options beside the command line. */
export interface Sources {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The prefix of options in the environment. Default `RXMQTT_`. */
  readonly prefix?: string | undefined;
  readonly profile?: Profile | undefined;
}

/**
 * The values of a table: what the command line says, else the environment, else the profile, else the default.
 * @throws UsageError that names the option and its source.
 */
export function valuesOf<T extends OptionTable>(
  table: T,
  { given }: CommandLine,
  { environment, prefix, profile }: Sources,
): ValuesOf<T> {
  const values = Object.entries(table).map(([name, option]) => {
    const variable = variableOf(name, prefix);
    const [where, texts] = given.has(name)
      ? [`option '--${name}'`, given.get(name) ?? []]
      : environment[variable] !== undefined && environment[variable] !== ''
        ? [variable, textsOf(option, environment[variable])]
        : [`'${name}' of the profile '${profile?.name ?? ''}'`, profile?.options.get(name) ?? []];
    try {
      const single = option.isList === true || option.isCount === true ? texts : texts.slice(-1);
      return [name, option.read(single)] as const;
    } catch (error) {
      throw new UsageError(`${where} ${(error as Error).message}`);
    }
  });
  return Object.fromEntries(values) as ValuesOf<T>;
}

/** A variable holds a list with one entry per line. */
function textsOf(option: Option<unknown>, text: string): readonly string[] {
  return option.isList === true ? text.split('\n').filter((one) => one !== '') : [text];
}
