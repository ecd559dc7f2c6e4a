/** The connection of a client as those who deal with its packets end it. */
export interface Ending {
  /** With the reason, where there is one that can be told. */
  end(error: unknown): void;
  /** Without a word. */
  close(): void;
}
