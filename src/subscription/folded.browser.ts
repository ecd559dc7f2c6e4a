/** In the place of `folded.ts` in browsers, where nothing is ever folded. */
export function unfold(): undefined {
  return undefined;
}
