/** None, one or more of something. The one, which is the rule, has no list around it: there may be very many. */
export type Few<T extends object> = T | readonly T[] | undefined;

export function listOf<T extends object>(few: Few<T>): readonly T[] {
  if (few === undefined) return [];
  return isList(few) ? few : [few];
}

export function fewOf<T extends object>(list: readonly T[]): Few<T> {
  return list.length > 1 ? list : list[0];
}

/** The list is made anew, so that whoever goes through the old one is not disturbed. */
export function withItem<T extends object>(few: Few<T>, item: T): Few<T> {
  return few === undefined ? item : [...listOf(few), item];
}

export function withoutItem<T extends object>(few: Few<T>, item: T): Few<T> {
  if (!isList(few)) return few === item ? undefined : few;
  return fewOf(few.filter((other) => other !== item));
}

function isList<T extends object>(few: Few<T>): few is readonly T[] {
  return Array.isArray(few);
}
