const guards = new Set<() => void>();
process.once('exit', () => guards.forEach((guard) => guard()));

/** Runs at the end of the process, so that a ring which dies leaves nothing running. Returns how to take it back. */
export function atExit(guard: () => void): () => void {
  guards.add(guard);
  return () => guards.delete(guard);
}
