/** Counts sockets from the moment they are accepted: before TLS, and before the WebSocket upgrade. */
export interface AcceptGate {
  /** A socket was accepted. Returns false to have it destroyed. */
  enter(): boolean;
  /** A socket that entered has closed. */
  leave(): void;
}
