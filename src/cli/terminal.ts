import type { Observable } from 'rxjs';

/** The input and output of a command. */
export interface Terminal {
  /** The version of the package. */
  readonly version: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Emits when the process is asked to end. */
  readonly interrupts$: Observable<unknown>;
  /** Emits when the reader of the standard output has gone. */
  readonly closed$: Observable<unknown>;
  /** Whether the standard output is a terminal that shows colours. */
  readonly hasColours: boolean;
  /** Whether the standard output is a terminal. */
  readonly isScreen: boolean;
  /** Whether the standard error is a terminal, which shows progress. */
  readonly showsStatus: boolean;
  /** Prints a line to the standard output. */
  out(line: string): void;
  /** Writes bytes to the standard output. */
  write(bytes: Uint8Array): void;
  /** Whether too much output is waiting for its reader: wait for `drained$`. */
  isFull(): boolean;
  readonly drained$: Observable<unknown>;
  /** Prints a line to the standard error. */
  err(line: string): void;
  /** Shows a line that the next one replaces, if `showsStatus`; an empty line removes it. */
  status(line: string): void;
  /** Ends the process at once. */
  abandon(code: number): void;
  /** Reads the standard input to its end. */
  input(): Promise<string>;
  /** The standard input in chunks. */
  chunks(): AsyncIterable<Uint8Array>;
  /**
   * Asks a question. Rejects on Ctrl+C and at the end of the input; undefined if the standard input is not a terminal.
   */
  readonly ask?: ((question: string) => Promise<string>) | undefined;
  /** Asks without showing the answers; undefined if the standard input is not a terminal. */
  readonly askSecret?: ((...questions: string[]) => Promise<string[]>) | undefined;
}
