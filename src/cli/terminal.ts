import type { Observable } from 'rxjs';

/** How a command talks to the world. */
export interface Terminal {
  /** The version of the package. */
  readonly version: string;
  /** Emits when the process is asked to end. */
  readonly interrupts$: Observable<unknown>;
  /** Prints a line to the standard output. */
  out(line: string): void;
  /** Prints a line to the standard error. */
  err(line: string): void;
  /** Reads the standard input to its end. */
  input(): Promise<string>;
  /** Asks without showing what is typed; undefined where the standard input is no terminal. */
  readonly askSecret?: ((...questions: string[]) => Promise<string[]>) | undefined;
}

/** A command: takes the arguments after its name and resolves to the exit code. */
export type Command = (args: readonly string[], terminal: Terminal) => Promise<number>;
