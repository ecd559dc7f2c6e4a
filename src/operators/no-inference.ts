/**
 * The same type, but not inferred from this position: a `key` that only reads the topic must not narrow the message
 * type. TypeScript 5.4 and later call it `NoInfer`.
 */
export type NoInference<T> = [T][T extends unknown ? 0 : never];
