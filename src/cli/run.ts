import { parse, UsageError } from './arguments.js';
import { brokerCommand } from './broker-command.js';
import { HELP } from './help.js';
import { passwdCommand } from './passwd-command.js';
import type { Command, Terminal } from './terminal.js';

const COMMANDS: ReadonlyMap<string, Command> = new Map([
  ['broker', brokerCommand],
  ['passwd', passwdCommand],
]);

/** Runs the command line. Exit codes: 0 success, 1 failure, 2 invalid command line. Never rejects. */
export async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  const [name = ''] = args;
  const command = COMMANDS.get(name);
  const prefix = command === undefined ? 'rxmqtt' : `rxmqtt ${name}`;
  try {
    return await (command === undefined ? face(args, terminal) : command(args.slice(1), terminal));
  } catch (error) {
    const { message } = error as Error;
    const wrong = error instanceof UsageError;
    terminal.err(wrong ? `${prefix}: ${message}; see ${prefix} --help` : `${prefix}: ${message}`);
    return wrong ? 2 : 1;
  }
}

function face(args: readonly string[], terminal: Terminal): Promise<number> {
  const { values, words } = parse(args, {
    help: { type: 'boolean', short: 'h' },
    version: { type: 'boolean' },
  });
  const [unknown] = words;
  if (unknown !== undefined) throw new UsageError(`there is no command '${unknown}'`);
  if (values['version'] !== true && values['help'] !== true) throw new UsageError('a command is missing');
  terminal.out(values['version'] === true ? terminal.version : HELP);
  return Promise.resolve(0);
}
