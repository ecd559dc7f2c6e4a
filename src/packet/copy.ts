/**
 * Copies bytes. V8 compiles this to a call; for `target.set()` it looks the name up each time, at half the cost of
 * copying a small packet.
 */
export function copy(source: Uint8Array, target: Uint8Array, at: number): void {
  Uint8Array.prototype.set.call(target, source, at);
}
