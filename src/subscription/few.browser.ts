/** In the place of `few.ts` in browsers, where lists do not matter. */
export function listOf<T>(list: readonly T[] = []): readonly T[] {
  return list;
}

export function fewOf<T>(list: readonly T[]): readonly T[] | undefined {
  return list[0] && list;
}

export function withItem<T>(list: readonly T[] | undefined, item: T): readonly T[] {
  return [...listOf(list), item];
}

export function withoutItem<T>(list: readonly T[] | undefined, item: T): readonly T[] | undefined {
  return fewOf(listOf(list).filter((other) => other !== item));
}
