/**
 * The same type, which the compiler does not infer from this place: a key that reads the topic alone must not make the
 * messages topics alone. TypeScript has it as `NoInfer` from 5.4 on.
 */
export type NoInference<T> = [T][T extends unknown ? 0 : never];
