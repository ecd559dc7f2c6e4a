/** In the place of `copy.ts` in browsers, where packets are too few for it to matter. */
export function copy(source: Uint8Array, target: Uint8Array, at: number): void {
  target.set(source, at);
}
