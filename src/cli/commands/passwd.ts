import { type Call, command } from '../command.js';
import { ExitCode } from '../exit-code.js';
import type { Terminal } from '../terminal.js';
import { UsageError } from '../usage-error.js';
import { userLine } from '../users.js';

/**
 * `rxmqtt passwd NAME`: asks for a password, or reads it from the standard input, and prints the user's line for a
 * users file.
 */
export const passwd = command({
  name: 'passwd',
  usage: 'NAME',
  about: "makes a line of the broker's users file",
  details: `Asks for a password twice and shows nothing of it, or reads it from the standard input, and prints a line for the file
of rxmqtt broker --users: NAME, a colon, and a salted scrypt hash.`,
  options: {},
  examples: [
    ['rxmqtt passwd hall >> users.txt', 'asks'],
    ['rxmqtt passwd hall < secret.txt >> users.txt', 'reads it from a file'],
  ],
  async run({ words, terminal }: Call<Record<never, never>>) {
    const [name, ...more] = words;
    if (name === undefined || more.length > 0) throw new UsageError('give one user name');
    if (/[:\r\n]|^#|^$/.test(name)) {
      throw new UsageError('a user name must not be empty, contain a colon or begin with #');
    }
    const password = await passwordFrom(terminal, name);
    terminal.out(await userLine(name, password));
    return ExitCode.DONE;
  },
});

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
