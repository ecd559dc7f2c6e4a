/** Counts sockets from the moment they are accepted: before TLS, and before the WebSocket upgrade. */
export interface AcceptGate {
  /**
   * A socket was accepted. Returns whether it may stay; otherwise it is destroyed.
   * @param address - of the peer; a Unix socket has none.
   */
  enter(address: string | undefined): boolean;
  /** A socket that entered has closed. */
  leave(address: string | undefined): void;
}
