import type { Command } from './command.js';
import { COMMANDS } from './commands/all.js';
import { exitCodeOf, ExitCode } from './exit-code.js';
import { topLevelHelp, helpOf } from './format/help.js';
import { messageOf } from './format/message-of.js';
import { flag } from './options/option.js';
import { readProfile } from './options/profile.js';
import { readCommandLine, valuesOf } from './options/sources.js';
import type { Terminal } from './terminal.js';
import { UsageError } from './usage-error.js';

const HELP = flag('show this', 'h');
const TOP_LEVEL = { help: HELP, version: flag('print the version') };

/** Runs the command line. The codes are those of {@link ExitCode}. Never rejects. */
export async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const [name = ''] = args;
  const command = COMMANDS.find((one) => one.name === name);
  const prefix = command === undefined ? 'rxmqtt' : `rxmqtt ${name}`;
  try {
    return await (command === undefined ? topLevel(args, terminal) : runCommand(command, args.slice(1), terminal));
  } catch (error) {
    const code = exitCodeOf(error);
    terminal.status('');
    const help = error instanceof UsageError ? `; see ${prefix} --help` : '';
    terminal.err(`${prefix}: ${messageOf(error)}${help}`);
    return code;
  }
}

async function runCommand(command: Command, args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const line = readCommandLine(args, { ...command.options, help: HELP }, command.startsCommand);
  if (line.given.has('help')) {
    terminal.out(helpOf(command));
    return ExitCode.DONE;
  }
  const { environment } = terminal;
  const { prefix } = command;
  const { profile: option } = command.options;
  const name =
    option === undefined ? undefined : (valuesOf({ profile: option }, line, { environment, prefix }).profile as string);
  const known = new Set(COMMANDS.flatMap(({ options }) => Object.keys(options)));
  const profile = name === undefined ? undefined : await readProfile(name, environment, known);
  const values = valuesOf(command.options, line, { environment, prefix, profile });
  return command.run({ terminal, values, words: line.words, afterDashes: line.afterDashes });
}

function topLevel(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const { given, words } = readCommandLine(args, TOP_LEVEL);
  const [unknown] = words;
  if (unknown !== undefined) throw new UsageError(`there is no command '${unknown}'`);
  if (!given.has('version') && !given.has('help')) throw new UsageError('a command is missing');
  terminal.out(given.has('version') ? terminal.version : topLevelHelp(COMMANDS));
  return Promise.resolve(ExitCode.DONE);
}
