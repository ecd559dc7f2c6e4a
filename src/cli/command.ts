import type { ExitCode } from './exit-code.js';
import type { OptionTable, ValuesOf } from './options/option.js';
import type { Terminal } from './terminal.js';

/** The arguments of a command. */
export interface Call<O extends OptionTable> {
  readonly terminal: Terminal;
  readonly values: ValuesOf<O>;
  /** The positional arguments. */
  readonly words: readonly string[];
  /** The arguments after `--`, for a command that starts a program. */
  readonly afterDashes: readonly string[];
}

/** A command: its help, its options, and its action. */
export interface Command<O extends OptionTable = OptionTable> {
  readonly name: string;
  /** Its positional arguments, as the help shows them: `TOPIC [PAYLOAD | -]`. */
  readonly usage: string;
  /** A short description. */
  readonly about: string;
  /** A longer description. */
  readonly details?: string;
  readonly options: O;
  /** Command lines, each with its purpose. */
  readonly examples: readonly (readonly [line: string, purpose: string])[];
  /** The prefix of its options in the environment. Default `RXMQTT_`. */
  readonly prefix?: string;
  /** A program follows after `--`. */
  readonly startsCommand?: boolean;
  /** The possible first arguments, for completion. */
  readonly firstWords?: readonly string[];
  run(call: Call<O>): Promise<ExitCode>;
}

/** Types a command by its own options, and returns it as one of many. */
export function command<O extends OptionTable>(one: Command<O>): Command {
  return one;
}
