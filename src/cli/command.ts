import type { ExitCode } from './exit-code.js';
import type { OptionTable, ValuesOf } from './options/option.js';
import type { Terminal } from './terminal.js';

/** What a command is called with. */
export interface Call<O extends OptionTable> {
  readonly terminal: Terminal;
  readonly values: ValuesOf<O>;
  /** The words that are no options. */
  readonly words: readonly string[];
  /** What stands behind `--`, for a command that starts another one. */
  readonly behind: readonly string[];
}

/** A command: what is said of it, its options, and what it does. */
export interface Command<O extends OptionTable = OptionTable> {
  readonly name: string;
  /** Its words, as the help shows them: `TOPIC [PAYLOAD | -]`. */
  readonly usage: string;
  /** What it does, in half a line. */
  readonly about: string;
  /** What more there is to know. */
  readonly details?: string;
  readonly options: O;
  /** Command lines, each with what it is for. */
  readonly examples: readonly (readonly [line: string, purpose: string])[];
  /** What its options follow in the environment. Default `RXMQTT_`. */
  readonly prefix?: string;
  /** Behind `--` stands another command. */
  readonly startsCommand?: boolean;
  /** Words that may stand first, for completion. */
  readonly firstWords?: readonly string[];
  run(call: Call<O>): Promise<ExitCode>;
}

/** A command among others, which have other options. */
export function command<O extends OptionTable>(one: Command<O>): Command {
  return one;
}
