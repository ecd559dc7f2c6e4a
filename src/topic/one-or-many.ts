/** Several values; a class of its own, because a value may itself be a Set. */
class Many<T> extends Set<T> {}

/** One value or several: most filters have one, which needs no Set. */
export type OneOrMany<T> = T | Many<T>;

export function withValue<T>(values: OneOrMany<T> | undefined, value: T): OneOrMany<T> {
  if (values === undefined) return value;
  if (values instanceof Many) return values.add(value);
  return values === value ? values : new Many<T>().add(values).add(value);
}

export function withoutValue<T>(values: OneOrMany<T>, value: T): OneOrMany<T> | undefined {
  if (!(values instanceof Many)) return values === value ? undefined : values;
  values.delete(value);
  return values.size === 0 ? undefined : values;
}

export function sizeOf<T>(values: OneOrMany<T> | undefined): number {
  if (values === undefined) return 0;
  return values instanceof Many ? values.size : 1;
}

export function append<T>(values: OneOrMany<T> | undefined, into: T[]): void {
  if (values === undefined) return;
  if (values instanceof Many) for (const value of values) into.push(value);
  else into.push(values);
}

export function each<T>(values: OneOrMany<T> | undefined): Iterable<T> {
  if (values === undefined) return [];
  return values instanceof Many ? values : [values];
}
