/** Ends the connection of a client. */
export interface Ending {
  /** With a reason, if the client can be told. */
  end(error: unknown): void;
  /** Without DISCONNECT. */
  close(): void;
}
