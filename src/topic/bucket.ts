/** Several values of a filter; a class of its own, because a value may itself be a Set. */
class Several<T> extends Set<T> {}

/** One value or several: most filters have one, which needs no Set. */
export type Bucket<T> = T | Several<T>;

export function withValue<T>(bucket: Bucket<T> | undefined, value: T): Bucket<T> {
  if (bucket === undefined) return value;
  if (bucket instanceof Several) return bucket.add(value);
  return bucket === value ? bucket : new Several<T>().add(bucket).add(value);
}

export function withoutValue<T>(bucket: Bucket<T>, value: T): Bucket<T> | undefined {
  if (!(bucket instanceof Several)) return bucket === value ? undefined : bucket;
  bucket.delete(value);
  return bucket.size === 0 ? undefined : bucket;
}

export function sizeOf<T>(bucket: Bucket<T> | undefined): number {
  if (bucket === undefined) return 0;
  return bucket instanceof Several ? bucket.size : 1;
}

export function append<T>(bucket: Bucket<T> | undefined, into: T[]): void {
  if (bucket === undefined) return;
  if (bucket instanceof Several) for (const value of bucket) into.push(value);
  else into.push(bucket);
}

export function each<T>(bucket: Bucket<T> | undefined): Iterable<T> {
  if (bucket === undefined) return [];
  return bucket instanceof Several ? bucket : [bucket];
}
