import type { Observable } from 'rxjs';

/** What a command has to do with the world around it. */
export interface Terminal {
  /** Of the package. */
  readonly version: string;
  /** Emits when the process is asked to end. */
  readonly interrupts$: Observable<unknown>;
  /** Prints a line. */
  out(line: string): void;
  /** Prints a line about what went wrong. */
  err(line: string): void;
  /** The standard input, to its end. */
  input(): Promise<string>;
}

/** A command: takes what stands behind its name, settles with the exit code. */
export type Command = (args: readonly string[], terminal: Terminal) => Promise<number>;
