import type { Command } from '../command.js';
import { CONNECTION } from '../options/connection-options.js';
import type { Option, OptionTable } from '../options/option.js';

/** The column where the descriptions of options begin. */
const COLUMN = 30;

/** The text of `rxmqtt --help`. */
export function topLevelHelp(commands: readonly Command[]): string {
  const rows = commands.map(({ name, about }) => `  ${`rxmqtt ${name}`.padEnd(22)}${about}`);
  return [
    'Usage: rxmqtt <command> [options]',
    '',
    ...rows,
    '',
    '  -h, --help            shows help, also for a command: rxmqtt sub --help',
    '      --version         prints the version',
    '',
    'Each option may also be set in the environment, as RXMQTT_QOS for --qos, or in a profile (--profile NAME)',
    'of ~/.config/rxmqtt/profiles.json.',
    'Exit codes: 0 done, 1 error, 2 invalid command line, 3 time-out, 4 refused by the broker.',
  ].join('\n');
}

/** The text of `rxmqtt NAME --help`. */
export function helpOf({ name, usage, about, details, options, examples }: Command): string {
  const isOwn = ([key]: readonly [string, unknown]): boolean => !Object.hasOwn(CONNECTION, key);
  const isClient = Object.hasOwn(options, 'url');
  const entries = Object.entries(options);
  const words = usage === '' ? '' : `${usage} `;
  return [
    `Usage: rxmqtt ${name} ${words}[options]`,
    '',
    `${about.charAt(0).toUpperCase()}${about.slice(1)}.`,
    '',
    ...entries.filter((entry) => !isClient || isOwn(entry)).map(([key, option]) => row(key, option)),
    row('help', { about: 'show this', short: 'h' }),
    ...(isClient ? ['', 'The connection:', ...rowsOf(CONNECTION)] : []),
    ...(details === undefined ? [] : ['', details]),
    '',
    'Examples:',
    ...examples.flatMap(([line, purpose]) => [`  # ${purpose}`, `  ${line}`]),
  ].join('\n');
}

function rowsOf(options: OptionTable): string[] {
  return Object.entries(options).map(([name, option]) => row(name, option));
}

function row(name: string, { short, value, about, shown }: Omit<Option<unknown>, 'read'>): string {
  const left = `  ${short === undefined ? '   ' : `-${short},`} --${name}${value === undefined ? '' : ` ${value}`}`;
  const right = shown === undefined ? about : `${about} [${shown}]`;
  return left.length < COLUMN ? left.padEnd(COLUMN) + right : `${left}\n${' '.repeat(COLUMN)}${right}`;
}
