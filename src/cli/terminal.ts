import type { Observable } from 'rxjs';

/** How a command talks to the world. */
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
  /** More is waiting to be read from the standard output than there should: wait for `drained$`. */
  isFull(): boolean;
  readonly drained$: Observable<unknown>;
  /** Prints a line to the standard error. */
  err(line: string): void;
  /** Shows a line that the next one replaces, where `showsStatus`; an empty one removes it. */
  status(line: string): void;
  /** Ends the process at once, whatever is still open. */
  abandon(code: number): void;
  /** Reads the standard input to its end. */
  input(): Promise<string>;
  /** The standard input as it comes. */
  chunks(): AsyncIterable<Uint8Array>;
  /**
   * Asks, and shows what is typed. Rejects on Ctrl+C and at the end of the input; undefined where the standard input is no
   * terminal.
   */
  readonly ask?: ((question: string) => Promise<string>) | undefined;
  /** Asks without showing what is typed; undefined where the standard input is no terminal. */
  readonly askSecret?: ((...questions: string[]) => Promise<string[]>) | undefined;
}
