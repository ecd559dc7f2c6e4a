import { parse, UsageError } from './arguments.js';
import { PASSWD_HELP } from './help.js';
import type { Terminal } from './terminal.js';
import { userLine } from './users.js';

/**
 * `rxmqtt passwd NAME`: asks for a password, or reads it from the standard input, and prints the user's line for a users
 * file.
 */
export async function passwdCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  const { values, words } = parse(args, { help: { type: 'boolean', short: 'h' } });
  if (values['help'] === true) {
    terminal.out(PASSWD_HELP);
    return 0;
  }
  const [name, ...more] = words;
  if (name === undefined || more.length > 0) throw new UsageError('give one user name');
  if (/[:\r\n]|^#|^$/.test(name))
    throw new UsageError('a user name must not be empty, contain a colon or begin with #');
  const password = await passwordFrom(terminal, name);
  terminal.out(await userLine(name, password));
  return 0;
}

async function passwordFrom(terminal: Terminal, name: string): Promise<string> {
  if (terminal.askSecret === undefined) {
    const password = (await terminal.input()).replace(/\r?\n$/, '');
    if (password === '') throw new UsageError('the password on the standard input is empty');
    return password;
  }
  const [password = '', again] = await terminal.askSecret(`Password of ${name}: `, 'The same again: ');
  if (password === '') throw new UsageError('the password is empty');
  if (password !== again) throw new UsageError('the two passwords differ; try again');
  return password;
}
