/** In the place of `few.ts` in browsers, where lists do not matter. */
export function listOf<T>(list: readonly T[] = []): readonly T[] {
  return list;
}

export function fewOf<T>(list: readonly T[]): readonly T[] {
  return list;
}
